#include "project/mock_host.hpp"

#include <algorithm>

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

MockHost::Timed MockHost::take(const HostFunction& function, const Invocation& invocation) {
  const std::string& name = invocation.name;
  calls_.push_back({name, invocation.payload});
  const std::vector<Mock>* mocks = nullptr;
  for (const auto& [mocked, list] : scenario_.mocks) {
    if (mocked == name) mocks = &list;
  }
  if (mocks == nullptr) {
    failures_.push_back(name + " was called, and there is no mock of it");
    return {std::unexpected(failures_.back()), 0};
  }
  const std::size_t number = used_[name]++;
  if (number >= mocks->size()) {
    failures_.push_back("call " + std::to_string(number + 1) + " of " + name + ": there " +
                        (mocks->size() == 1 ? "is" : "are") + " only " +
                        counted(mocks->size(), "mock"));
    return {std::unexpected(failures_.back()), 0};
  }
  const Mock& mock = (*mocks)[number];
  if (mock.delay_ms > static_cast<double>(function.timeout_ms)) {
    return {
        std::unexpected(name + ": no answer within " + std::to_string(function.timeout_ms) + " ms"),
        static_cast<double>(function.timeout_ms)};
  }
  if (mock.error) return {std::unexpected(*mock.error), mock.delay_ms};
  return {mock.returns.value_or(Value()), mock.delay_ms};
}

std::optional<Answer> MockHost::call(const HostFunction& function, const Invocation& invocation) {
  Timed timed = take(function, invocation);
  clock_ms_ += timed.ms;
  return std::move(timed.answer);
}

// All begin at once; the one with the least delay ends first.
std::optional<Ended> MockHost::await(const std::vector<Asked>& asked) {
  const Asked* first = nullptr;
  double least = 0;
  for (const Asked& call : asked) {
    auto found = under_way_.find(call.invocation.id);
    if (found == under_way_.end()) {
      Timed timed = take(*call.function, call.invocation);
      timed.ms += clock_ms_;
      found = under_way_.emplace(call.invocation.id, std::move(timed)).first;
    }
    if (first == nullptr || found->second.ms < least) {
      first = &call;
      least = found->second.ms;
    }
  }
  const auto ended = under_way_.find(first->invocation.id);
  Answer answer = std::move(ended->second.answer);
  clock_ms_ = std::max(clock_ms_, ended->second.ms);
  under_way_.erase(ended);
  return Ended{first->number, std::move(answer)};
}

void MockHost::sleep(double seconds, double) { clock_ms_ += seconds * 1000; }

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
