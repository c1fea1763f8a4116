// Match states as bytes. Layout, little-endian:
//   u8 phase, u8 error, u8 anchored, u8 captures, u8 choices,
//   u32 start, subject, pattern, scan, depth, refused_end,
//   captures x (u32 start, u32 size), choices x (u8 kind, u32 subject, u32 pattern, u32 extra)
#include "stdlib/string_matcher.hpp"

namespace moonlet::stdlib {

void MatchState::save(StateWriter& writer) const {
  writer.u8(static_cast<std::uint8_t>(phase));
  writer.u8(static_cast<std::uint8_t>(error));
  writer.u8(is_anchored ? 1 : 0);
  writer.u8(capture_count);
  writer.u8(choice_count);
  for (const std::uint32_t field : {start, subject, pattern, scan, depth, refused_end}) {
    writer.u32(field);
  }
  for (int i = 0; i < capture_count; ++i) {
    writer.u32(captures[i].start);
    writer.u32(captures[i].size);
  }
  for (int i = 0; i < choice_count; ++i) {
    writer.u8(static_cast<std::uint8_t>(choices[i].kind));
    writer.u32(choices[i].subject);
    writer.u32(choices[i].pattern);
    writer.u32(choices[i].extra);
  }
}

namespace {

// A range of the subject whose end is computed without overflow.
bool is_range(std::uint64_t start, std::uint64_t size, std::size_t subject_size) {
  return start + size <= subject_size;
}

bool is_possible_capture(const Capture& capture, std::size_t subject_size) {
  if (capture.size == kOpenCapture || capture.size == kPositionCapture) {
    return capture.start <= subject_size;
  }
  return is_range(capture.start, capture.size, subject_size);
}

bool is_possible_choice(const Choice& choice, const MatchState& state, std::size_t subject_size,
                        std::size_t pattern_size) {
  if (choice.subject > subject_size || choice.pattern > pattern_size) return false;
  if (choice.kind == ChoiceKind::OpenCapture) return true;
  if (choice.kind == ChoiceKind::CloseCapture) return choice.extra < state.capture_count;
  if (choice.subject < state.start) return false;
  switch (choice.kind) {
    case ChoiceKind::Maximal:
      return is_range(choice.subject, choice.extra, subject_size);
    case ChoiceKind::Minimal:
      return choice.pattern < pattern_size && choice.extra <= pattern_size;
    default:
      return true;
  }
}

// What the phase will look at without asking again.
bool is_possible_phase(const MatchState& m, std::size_t subject_size, std::size_t pattern_size) {
  if (m.subject < m.start && m.phase != MatchPhase::Failed) return false;
  switch (m.phase) {
    case MatchPhase::Grow:
      return m.choice_count > 0 && m.choices[m.choice_count - 1].kind == ChoiceKind::Maximal &&
             m.choices[m.choice_count - 1].pattern < pattern_size;
    case MatchPhase::Balance:
      return std::uint64_t{m.pattern} + 4 <= pattern_size && m.scan <= subject_size && m.depth > 0;
    case MatchPhase::Compare: {
      if (m.depth >= m.capture_count) return false;
      const std::uint32_t size = m.captures[m.depth].size;
      return size != kOpenCapture && size != kPositionCapture && m.scan <= size &&
             is_range(m.subject, size, subject_size) &&
             std::uint64_t{m.pattern} + 2 <= pattern_size;
    }
    default:
      return true;
  }
}

}  // namespace

bool MatchState::load(StateReader& reader, std::size_t subject_size, std::size_t pattern_size) {
  const std::uint8_t saved_phase = reader.u8();
  const std::uint8_t saved_error = reader.u8();
  is_anchored = reader.u8() != 0;
  capture_count = reader.u8();
  choice_count = reader.u8();
  for (std::uint32_t* field : {&start, &subject, &pattern, &scan, &depth, &refused_end}) {
    *field = reader.u32();
  }
  // An error is reported in the activation that finds it, never saved.
  if (!reader.is_good() || saved_phase >= static_cast<std::uint8_t>(MatchPhase::Error) ||
      saved_error != 0 || capture_count > kCapturesMax || choice_count > kChoicesMax ||
      start > subject_size || subject > subject_size || pattern > pattern_size) {
    return false;
  }
  phase = static_cast<MatchPhase>(saved_phase);
  error = MatchError::None;
  for (int i = 0; i < capture_count; ++i) {
    captures[i] = {reader.u32(), reader.u32()};
    if (!is_possible_capture(captures[i], subject_size)) return false;
  }
  int opened = 0;
  for (int i = 0; i < choice_count; ++i) {
    const std::uint8_t kind = reader.u8();
    if (kind >= kChoiceKindCount) return false;
    choices[i] = {static_cast<ChoiceKind>(kind), reader.u32(), reader.u32(), reader.u32()};
    if (!is_possible_choice(choices[i], *this, subject_size, pattern_size)) return false;
    if (choices[i].kind == ChoiceKind::OpenCapture) ++opened;
  }
  // Each capture was opened by a choice, until a match drops the choices.
  if (!is_at_rest(phase) && opened != capture_count) return false;
  return reader.is_good() && is_possible_phase(*this, subject_size, pattern_size);
}

}  // namespace moonlet::stdlib
