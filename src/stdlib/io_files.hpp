// The files that a Vm has open: a table of the host's, beside the Vm.
//
// Scripts hold userdata with a FilePayload. An opened file is known by the identity number of its
// userdata, which no other object of this Vm's history ever has, so a thawed Vm whose host carries
// the table over goes on with its files, and one whose host does not finds them closed. The
// standard files have no number and are there everywhere.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "stdlib/io_stream.hpp"
#include "vm/vm.hpp"

namespace moonlet::stdlib {

enum class FileKind : std::uint32_t { Closed, Opened, Input, Output, Error };

// Userdata::type of files, whatever numbers the host gives its own types.
inline constexpr std::uint16_t kFileUserdata = 0xffff;

struct FilePayload {
  FileKind kind;
  std::uint32_t reserved;
  std::uint64_t number;  // of an opened file
};
static_assert(sizeof(FilePayload) == 16);

struct FileTable {
  FileTable() { error.set_buffering(Stream::Buffering::None); }
  std::unordered_map<std::uint64_t, std::unique_ptr<Stream>> opened;
  Stream input{base::os::kStandardInput, {true, false}, Stream::Origin::Standard};
  Stream output{base::os::kStandardOutput, {false, true}, Stream::Origin::Standard};
  Stream error{base::os::kStandardError, {false, true}, Stream::Origin::Standard};
};

// The Vm's table, made when it is first needed. It goes with the Vm, which closes all files, unless
// the host moves it to another Vm.
FileTable& ensure_files(vm::Vm& vm);

inline constexpr std::string_view kFileTypeName = "FILE*";
inline constexpr std::string_view kDefaultInput = "_IO_input";
inline constexpr std::string_view kDefaultOutput = "_IO_output";

// The payload, or nullptr when the value is no file.
FilePayload* file_payload(const vm::Value& value);
// Needs nothing of this machine: a standard file, or a closed one.
bool is_plain_file(const vm::Userdata& userdata);
// That, or what newproxy() made.
bool is_plain_userdata(const vm::Userdata& userdata);
// The stream of a file, or nullptr: closed, or not known on this machine.
Stream* stream_of(vm::Vm& vm, const FilePayload& payload);

// A file argument. False: it is no file (open_argument: or not open), and the error is set.
[[nodiscard]] bool file_argument(vm::Vm& vm, vm::Value* args, int count, int index,
                                 FilePayload*& out);
[[nodiscard]] bool open_argument(vm::Vm& vm, vm::Value* args, int count, int index, Stream*& out);

// A new closed file; nullptr: no memory.
vm::Userdata* new_file(vm::Vm& vm);
// Gives the stream to a file that new_file() made.
void attach_stream(vm::Vm& vm, vm::Userdata& file, std::unique_ptr<Stream> stream);
// Takes the stream of an opened file out of the table; the file is closed now.
std::unique_ptr<Stream> detach_stream(vm::Vm& vm, FilePayload& payload);

// nil, "name: message", number: how the io and os libraries report an error of the system.
int return_system_error(vm::Vm& vm, vm::Value* args, std::string_view name, int error);
// true, or the same.
int return_system_result(vm::Vm& vm, vm::Value* args, std::string_view name, int error);

// true or nil, "exit" or "signal", code. A program must not run twice because memory ran out
// afterwards, so the words are made before it starts.
struct ExitWords {
  vm::String* exit;
  vm::String* signal;
};
[[nodiscard]] bool make_exit_words(vm::Vm& vm, ExitWords& words);
int return_exit_status(vm::Vm& vm, vm::Value* args, const ExitWords& words,
                       const base::os::ExitStatus& status);

}  // namespace moonlet::stdlib
