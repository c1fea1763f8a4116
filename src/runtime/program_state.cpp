#include "runtime/program_state.hpp"

#include <utility>

#include "runtime/value_codec.hpp"

namespace moonlet::runtime {

namespace {
constexpr std::string_view kMark = "moonlet-program";
constexpr std::int64_t kVersion = 1;
constexpr std::uint64_t kFields = 5;
}  // namespace

std::expected<std::string, std::string> write_program_state(const ProgramStateParts& parts) {
  ValueWriter out;
  out.array(kFields);
  out.text(kMark);
  out.number(kVersion);
  out.bytes(parts.vm);
  out.number(parts.remaining_ns.value_or(-1));
  out.array(parts.mailbox.size());
  for (const Value& message : parts.mailbox) {
    if (!out.value(message)) return std::unexpected("a message in its mailbox cannot be saved");
  }
  return out.take();
}

std::expected<ProgramStateParts, std::string> read_program_state(std::string_view bytes) {
  ValueReader in(bytes);
  const std::uint64_t fields = in.array();
  if (in.text() != kMark || !in.ok()) return std::unexpected("this is no saved program");
  const std::int64_t version = in.number();
  if (in.ok() && version != kVersion) {
    return std::unexpected("the saved program has format version " + std::to_string(version) +
                           ", which this Moonlet does not know");
  }
  ProgramStateParts parts;
  parts.vm = in.bytes();
  const std::int64_t remaining = in.number();
  if (remaining >= 0) parts.remaining_ns = remaining;
  for (std::uint64_t n = in.array(); n > 0 && in.ok(); --n) parts.mailbox.push_back(in.value());
  if (!in.ok() || fields != kFields || !in.at_end()) {
    return std::unexpected("the saved program is damaged at byte " + std::to_string(in.offset()));
  }
  return parts;
}

}  // namespace moonlet::runtime
