// Files, as bytes behind a number. No buffering, no locks; errors are the system's error numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>

namespace moonlet::base::os {

using Descriptor = int;

inline constexpr Descriptor kStandardInput = 0;
inline constexpr Descriptor kStandardOutput = 1;
inline constexpr Descriptor kStandardError = 2;

struct OpenMode {
  bool can_read = false;
  bool can_write = false;
  bool creates = false;    // the file is made if there is none
  bool truncates = false;  // what is in it is lost
  bool appends = false;    // every write goes to the end
};

enum class SeekFrom : std::uint8_t { Start, Current, End };

// An error number of the system; error_text() says it in words.
template <typename T>
using Result = std::expected<T, int>;

// Paths end at the first zero byte, as the system sees them. Descriptors are not inherited by
// programs that are started.
[[nodiscard]] Result<Descriptor> open_file(const std::string& path, const OpenMode& mode);
// A file without a name that goes away when it is closed, for reading and writing.
[[nodiscard]] Result<Descriptor> open_temporary_file();
// Makes an empty file with a new name and returns the name.
[[nodiscard]] Result<std::string> make_temporary_name();
// 0, or an error number.
int close_file(Descriptor file);

// How many bytes were read: 0 at the end. Waits for at least one.
[[nodiscard]] Result<std::size_t> read_file(Descriptor file, char* to, std::size_t size);
// Writes all, or fails. 0, or an error number.
int write_file(Descriptor file, const char* from, std::size_t size);
// The new position.
[[nodiscard]] Result<std::int64_t> seek_file(Descriptor file, std::int64_t offset, SeekFrom from);

// All of a file, which may be a pipe or a device that ends.
[[nodiscard]] Result<std::string> read_whole_file(const std::string& path);

// Makes a folder and those above it; that it is there already is no error. 0, or an error number.
int make_folder(const std::string& path);
// Files and empty folders. 0, or an error number.
int remove_path(const std::string& path);
int rename_path(const std::string& from, const std::string& to);

std::string error_text(int error);
// Numbers of errors that our own checks report or ask for.
int bad_descriptor_error();
int invalid_argument_error();
int no_such_file_error();

}  // namespace moonlet::base::os
