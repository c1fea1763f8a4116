#include "stdlib/io_stream.hpp"

#include <algorithm>
#include <cstring>

namespace moonlet::stdlib {

namespace os = base::os;

Stream::~Stream() {
  if (!is_open_ || origin_ == Origin::Standard) {
    // Nobody is left who could hear of an error.
    if (is_open_ && use_ == Use::Writing) static_cast<void>(flush());
    return;
  }
  if (origin_ == Origin::Program) {
    close_program();
  } else {
    static_cast<void>(close_file());
  }
}

void Stream::ensure_buffer() {
  if (!buffer_) buffer_ = std::make_unique<char[]>(kBufferSize);
}

bool Stream::start_reading() {
  if (!permissions_.can_read) return fail(os::bad_descriptor_error());
  if (use_ == Use::Writing && !flush()) return false;
  use_ = Use::Reading;
  ensure_buffer();
  return true;
}

bool Stream::start_writing() {
  if (!permissions_.can_write) return fail(os::bad_descriptor_error());
  if (use_ == Use::Reading) forget_input();
  use_ = Use::Writing;
  return true;
}

void Stream::forget_input() {
  if (end_ != begin_) {
    // A pipe or terminal cannot go back; what it said before is lost.
    const auto ahead = static_cast<std::int64_t>(end_ - begin_);
    static_cast<void>(os::seek_file(descriptor_, -ahead, os::SeekFrom::Current));
  }
  begin_ = end_ = 0;
}

void Stream::unread(std::string_view text) {
  ML_ASSERT(use_ == Use::None);
  if (!start_reading()) return;
  end_ = std::min(text.size(), kBufferSize);
  std::memcpy(buffer_.get(), text.data(), end_);
}

Stream::Fill Stream::fill() {
  if (!start_reading()) return Fill::Error;
  if (begin_ == end_) {
    begin_ = end_ = 0;
  } else if (end_ == kBufferSize) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  const auto count = os::read_file(descriptor_, buffer_.get() + end_, kBufferSize - end_);
  if (!count) {
    error_ = count.error();
    return Fill::Error;
  }
  end_ += *count;
  return *count == 0 ? Fill::End : Fill::More;
}

bool Stream::write(std::string_view text) {
  if (!start_writing()) return false;
  ensure_buffer();
  if (text.size() > kBufferSize - end_ && !flush()) return false;
  if (text.size() >= kBufferSize || buffering_ == Buffering::None) {
    if (!flush()) return false;
    const int error = os::write_file(descriptor_, text.data(), text.size());
    return error == 0 || fail(error);
  }
  std::memcpy(buffer_.get() + end_, text.data(), text.size());
  end_ += text.size();
  const bool ends_line = text.find('\n') != std::string_view::npos;
  return buffering_ != Buffering::Line || !ends_line || flush();
}

bool Stream::flush() {
  if (use_ != Use::Writing || end_ == 0) return true;
  const int error = os::write_file(descriptor_, buffer_.get(), end_);
  end_ = 0;
  return error == 0 || fail(error);
}

bool Stream::seek(std::int64_t offset, os::SeekFrom from, std::int64_t& position) {
  if (use_ == Use::Writing && !flush()) return false;
  if (use_ == Use::Reading && from == os::SeekFrom::Current) {
    offset -= static_cast<std::int64_t>(end_ - begin_);
  }
  const auto result = os::seek_file(descriptor_, offset, from);
  if (!result) return fail(result.error());
  begin_ = end_ = 0;
  use_ = Use::None;
  position = *result;
  return true;
}

os::ExitStatus Stream::close_program() {
  const bool flushed = flush();
  is_open_ = false;
  const os::ExitStatus status = os::close_pipe({descriptor_, process_});
  if (!flushed) return {os::ExitStatus::Kind::NotStarted, error_};
  return status;
}

bool Stream::close_file() {
  const bool flushed = flush();
  is_open_ = false;
  const int error = os::close_file(descriptor_);
  if (!flushed) return false;
  return error == 0 || fail(error);
}

}  // namespace moonlet::stdlib
