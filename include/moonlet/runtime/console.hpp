// A way into a process that runs: what runs there, where it stands, evaluating, ending, profiles.
// docs/patterns/console.md has the commands; `moonlet attach PATH` is the other end.
//
// Whoever may connect may do all that scripts may do: the socket is its owner's alone (mode 0600).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "moonlet/runtime/scheduler.hpp"
#include "moonlet/runtime/script_runner.hpp"

namespace moonlet::runtime {

// One of the host's own. `rest` is what stands behind its name.
struct ConsoleCommand {
  std::string name;
  std::string help;
  std::function<std::expected<std::string, std::string>(const std::string& rest)> run;
};

struct ConsoleOptions {
  // What it shows; both may be missing. They outlive the console.
  ScriptRunner* runner = nullptr;
  Scheduler* scheduler = nullptr;
  std::vector<ConsoleCommand> commands;  // run on the console's thread
  std::uint64_t evaluation_fuel = 10'000'000;
  std::size_t lines_max = 1000;  // of what `list` shows
  std::size_t line_bytes_max = 65'536;
  std::size_t clients_max = 8;
};

// Has a thread of its own, which waits while nobody asks.
class Console {
 public:
  // Listens at `path`, a new file of this process's. The error says why it cannot.
  [[nodiscard]] static std::expected<Console, std::string> open(const std::string& path,
                                                                ConsoleOptions options);
  Console(Console&&) noexcept;
  Console& operator=(Console&&) = delete;
  ~Console();  // removes the file

 private:
  struct Content;
  explicit Console(std::unique_ptr<Content> content);
  std::unique_ptr<Content> content_;
};

}  // namespace moonlet::runtime
