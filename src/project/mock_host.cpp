#include "project/mock_host.hpp"

namespace moonlet::project {

namespace {

// 2020-01-01, when every scenario begins.
constexpr std::int64_t kBeginSeconds = 1'577'836'800;

std::string counted(std::size_t count, const std::string& thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

}  // namespace

std::int64_t MockHost::time_seconds() {
  return kBeginSeconds + static_cast<std::int64_t>(clock_ms_ / 1000);
}

std::optional<Answer> MockHost::call(const HostFunction& function, const Invocation& invocation) {
  const std::string& name = invocation.name;
  calls_.push_back({name, invocation.payload});
  const std::vector<Mock>* mocks = nullptr;
  for (const auto& [mocked, list] : scenario_.mocks) {
    if (mocked == name) mocks = &list;
  }
  if (mocks == nullptr) {
    failures_.push_back(name + " was called, and there is no mock of it");
    return std::unexpected(failures_.back());
  }
  const std::size_t number = used_[name]++;
  if (number >= mocks->size()) {
    failures_.push_back("call " + std::to_string(number + 1) + " of " + name + ": there " +
                        (mocks->size() == 1 ? "is" : "are") + " only " +
                        counted(mocks->size(), "mock"));
    return std::unexpected(failures_.back());
  }
  const Mock& mock = (*mocks)[number];
  if (mock.delay_ms > static_cast<double>(function.timeout_ms)) {
    clock_ms_ += static_cast<double>(function.timeout_ms);
    return std::unexpected(name + ": no answer within " + std::to_string(function.timeout_ms) +
                           " ms");
  }
  clock_ms_ += mock.delay_ms;
  if (mock.error) return std::unexpected(*mock.error);
  return mock.returns.value_or(Value());
}

void MockHost::log(const Command& command) {
  lines_.push_back({command.name, text_of_log(command)});
  output_ += "[" + command.name + "] " + lines_.back().text + "\n";
}

void MockHost::emit(const Command& command) {
  events_.push_back({command.name, command.arguments.empty() ? Value() : command.arguments[0]});
}

std::vector<std::string> MockHost::left_over() const {
  std::vector<std::string> sentences;
  for (const auto& [name, list] : scenario_.mocks) {
    const auto found = used_.find(name);
    const std::size_t used = found == used_.end() ? 0 : found->second;
    if (used >= list.size()) continue;
    sentences.push_back(counted(list.size() - used, "mock") + " of " + name +
                        (list.size() - used == 1 ? " was" : " were") + " not used");
  }
  return sentences;
}

}  // namespace moonlet::project
