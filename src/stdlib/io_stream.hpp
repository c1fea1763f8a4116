// A buffered file of a Vm. Reading looks at bytes before it takes them, so that a step that fails
// for lack of memory can be repeated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/check.hpp"
#include "base/os/file.hpp"
#include "base/os/process.hpp"

namespace moonlet::stdlib {

class Stream {
 public:
  enum class Origin : std::uint8_t { File, Program, Standard };
  enum class Buffering : std::uint8_t { None, Line, Full };
  struct Permissions {
    bool can_read;
    bool can_write;
  };

  Stream(base::os::Descriptor descriptor, Permissions permissions, Origin origin)
      : descriptor_(descriptor), permissions_(permissions), origin_(origin) {}
  Stream(const base::os::Pipe& pipe, Permissions permissions)
      : descriptor_(pipe.descriptor),
        process_(pipe.process),
        permissions_(permissions),
        origin_(Origin::Program) {}
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  static constexpr std::size_t kBufferSize = 64 * 1024;

  Origin origin() const { return origin_; }
  // Error number of the last operation that failed.
  int error() const { return error_; }

  // ---- Reading. All that is buffered, and how to take some of it.
  std::string_view peek() const { return {buffer_.get() + begin_, end_ - begin_}; }
  void take(std::size_t size) { begin_ += size; }
  bool is_full() const { return end_ - begin_ == kBufferSize; }
  // Puts bytes there that were read before. REQUIRES: nothing has been read.
  void unread(std::string_view text);
  // Reads more behind what is there. REQUIRES: not is_full().
  enum class Fill : std::uint8_t { More, End, Error };
  [[nodiscard]] Fill fill();

  // ---- Writing. False: error() says why.
  [[nodiscard]] bool write(std::string_view text);
  [[nodiscard]] bool flush();
  void set_buffering(Buffering buffering) { buffering_ = buffering; }

  [[nodiscard]] bool seek(std::int64_t offset, base::os::SeekFrom from, std::int64_t& position);

  // Flushes and gives the descriptor back; how that went. A program is waited for.
  base::os::ExitStatus close_program();
  [[nodiscard]] bool close_file();

 private:
  enum class Use : std::uint8_t { None, Reading, Writing };
  bool fail(int error) {
    error_ = error;
    return false;
  }
  [[nodiscard]] bool start_reading();
  [[nodiscard]] bool start_writing();
  // What was read ahead is given back to the file.
  void forget_input();
  void ensure_buffer();

  base::os::Descriptor descriptor_;
  std::int64_t process_ = 0;
  Permissions permissions_;
  Origin origin_;
  Buffering buffering_ = Buffering::Full;
  Use use_ = Use::None;
  bool is_open_ = true;
  int error_ = 0;
  // Bytes begin_ .. end_ - 1 were read and not taken, or written and not passed on.
  std::unique_ptr<char[]> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace moonlet::stdlib
