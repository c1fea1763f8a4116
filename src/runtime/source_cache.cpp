#include "runtime/source_cache.hpp"

#include <algorithm>

#include "moonlet/runtime/script_runner.hpp"
#include "moonlet/vm.hpp"

namespace moonlet::runtime::detail {

namespace {

constexpr std::size_t kEntriesMax = 256;
constexpr std::size_t kTextBytesMax = 32'768;  // larger ones are no formulas that come again
constexpr std::uint64_t kCompileFuel = 10'000'000;

std::string key_of(const SourceText& source) {
  return std::to_string(source.name.size()) + ":" + source.name + source.text;
}

}  // namespace

std::optional<EntryPoint> SourceCache::find(const SourceText& source) {
  if (source.text.size() > kTextBytesMax || source.name.size() > kTextBytesMax) return std::nullopt;
  std::string key = key_of(source);
  {
    const std::lock_guard lock(mutex_);
    const auto [found, is_new] = entries_.try_emplace(key);
    Entry& entry = found->second;
    entry.used = ++uses_;
    if (is_new) make_room();
    if (is_new || entry.is_tried) return is_new ? std::nullopt : entry.entry;
    entry.is_tried = true;  // by this thread
  }
  std::optional<EntryPoint> made = compiled(source);
  const std::lock_guard lock(mutex_);
  if (const auto found = entries_.find(key); found != entries_.end()) found->second.entry = made;
  return made;
}

std::optional<EntryPoint> SourceCache::compiled(const SourceText& source) const {
  ForkOptions fork;
  fork.host = host_;
  auto vm = sources_.fork(fork);
  if (!vm || !vm->start(sources_module().name, {"keep"}, {source.text, source.name})) {
    return std::nullopt;
  }
  const Outcome outcome = vm->run({.fuel = kCompileFuel});
  const auto* finished = std::get_if<Finished>(&outcome);
  if (finished == nullptr || finished->values != std::vector<Value>{true}) return std::nullopt;
  auto image = vm->seal();
  if (!image) return std::nullopt;
  return EntryPoint(*image, sources_module().name, {"kept"});
}

// REQUIRES: the lock. Those go that have not been wanted for longest.
void SourceCache::make_room() {
  if (entries_.size() <= kEntriesMax) return;
  std::vector<std::uint64_t> uses;
  for (const auto& [key, entry] : entries_) uses.push_back(entry.used);
  const auto middle = uses.begin() + static_cast<std::ptrdiff_t>(uses.size() / 4);
  std::nth_element(uses.begin(), middle, uses.end());
  std::erase_if(entries_, [last = *middle](const auto& one) { return one.second.used < last; });
}

}  // namespace moonlet::runtime::detail
