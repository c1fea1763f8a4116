// Places that keep states by name. What put() has kept is complete and survives the end of the
// process; a put() that fails, or is killed in the middle, leaves what was there before.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace moonlet::store {

// While it exists, nobody else can lock the same state.
class StateLock {
 public:
  virtual ~StateLock() = default;
};

class StateStore {
 public:
  virtual ~StateStore() = default;
  // Of who goes on with the state, before he gets it. The error says that another process does
  // already, or that there is no such state. It ends with the process. Nothing: this place has no
  // locks.
  [[nodiscard]] virtual std::expected<std::unique_ptr<StateLock>, std::string> lock(
      const std::string&) {
    return nullptr;
  }
  // Errors name the place and what happened there. Where programs keep states, one that get() has
  // read is replaced only if nobody has changed it since.
  [[nodiscard]] virtual std::expected<void, std::string> put(const std::string& name,
                                                             std::string_view state) = 0;
  [[nodiscard]] virtual std::expected<std::string, std::string> get(const std::string& name) = 0;
  // In the order of their names.
  [[nodiscard]] virtual std::expected<std::vector<std::string>, std::string> list() = 0;
  // Where the state of that name is, for messages.
  virtual std::string place_of(const std::string& name) const = 0;
  // Does the place hold one state, whatever its name?
  virtual bool holds_one() const { return false; }
};

// One file, or a device.
std::unique_ptr<StateStore> make_file_store(std::string path);
// Standard input and standard output.
std::unique_ptr<StateStore> make_stream_store();
// NAME.state in a folder, which is made when the first one is kept.
std::unique_ptr<StateStore> make_folder_store(std::string folder);

// Command lines for sh: `put` gets the state on its standard input, `get` writes it to its standard
// output, `list` writes names, one a line (empty: there is no list). All have MOONLET_STATE, the
// name, in their environment. An exit code other than 0 is a failure; their standard error says
// what it was. `lock` (empty: there are none) writes a line when it has the lock, keeps it until
// its standard input ends, and ends without a line if it cannot have it.
struct StateCommands {
  std::string put;
  std::string get;
  std::string list;
  std::string lock;
  std::string folder;  // where they run
  std::int64_t timeout_ms = 30'000;
};
std::unique_ptr<StateStore> make_command_store(StateCommands commands);

// Names become file names and parts of command lines: letters, digits, and "-", "_", "." and ":"
// after the first; 200 bytes at most. Empty: the name is good.
std::string problem_with_name(std::string_view name);

}  // namespace moonlet::store
