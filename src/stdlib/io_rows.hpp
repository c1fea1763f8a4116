// What the files of the io library share.
#pragma once

#include "stdlib/io_files.hpp"

namespace moonlet::stdlib {

// A default file (kDefaultInput or kDefaultOutput), and its stream; false: it is closed, and the
// error is set.
vm::Value default_file(vm::Vm& vm, std::string_view which);
[[nodiscard]] bool open_default(vm::Vm& vm, std::string_view which, Stream*& out);

// Writes to a file; standard output is the host's. False: stream.error() says why.
[[nodiscard]] bool write_stream(vm::Vm& vm, Stream& stream, std::string_view text);
[[nodiscard]] bool flush_stream(vm::Vm& vm, Stream& stream);

int io_close(vm::Vm& vm, vm::Value* args, int count);
int io_input(vm::Vm& vm, vm::Value* args, int count);
int io_open(vm::Vm& vm, vm::Value* args, int count);
int io_output(vm::Vm& vm, vm::Value* args, int count);
int io_popen(vm::Vm& vm, vm::Value* args, int count);
int io_tmpfile(vm::Vm& vm, vm::Value* args, int count);
int file_close(vm::Vm& vm, vm::Value* args, int count);
int file_collect(vm::Vm& vm, vm::Value* args, int count);
// intrinsic.io_open(name): a file for reading, or an error.
int intrinsic_io_open(vm::Vm& vm, vm::Value* args, int count);

int io_read(vm::Vm& vm, vm::Value* args, int count);
int file_read(vm::Vm& vm, vm::Value* args, int count);
// intrinsic.io_read(file, format, index): one value, nil, or nil, message, number. `index`, from 1,
// is the format's place among the arguments of the function that the script called.
int intrinsic_io_read(vm::Vm& vm, vm::Value* args, int count);

}  // namespace moonlet::stdlib
