// Lines from a person: with editing, history and completion where libedit is there.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moonlet::cli {

// One a process, because the library underneath has global state.
class LineEditor {
 public:
  using Complete = std::function<std::vector<std::string>(std::string_view)>;
  // `complete` answers what a name or chain of fields could become.
  explicit LineEditor(Complete complete);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  // Without its end; nothing at the end of input.
  std::optional<std::string> read(const std::string& prompt);
  void remember(const std::string& text);
};

}  // namespace moonlet::cli
