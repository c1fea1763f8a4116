// A policy of one's own: owners take turns, however many programs each has. docs/patterns/policy.md
#include <cstdio>
#include <deque>
#include <map>
#include <string>

#include <moonlet/moonlet.hpp>
#include <moonlet/runtime/scheduler.hpp>

using namespace moonlet;
using namespace moonlet::runtime;

// One for each thread of the scheduler, called under a lock. All it has to know is who is ready.
class OwnersInTurn final : public Policy {
 public:
  void add(Turn& turn) override {
    std::deque<Turn*>& ready = ready_[turn.owner];
    if (ready.empty()) owners_.push_back(turn.owner);
    ready.push_back(&turn);
    ++count_;
  }
  Turn* take() override {
    if (owners_.empty()) return nullptr;
    Owner* owner = owners_.front();
    owners_.pop_front();
    std::deque<Turn*>& ready = ready_[owner];
    Turn* turn = ready.front();
    ready.pop_front();
    --count_;
    if (ready.empty()) {
      ready_.erase(owner);
    } else {
      owners_.push_back(owner);
    }
    return turn;
  }
  Turn* give() override { return take(); }  // for another thread
  std::size_t count() const override { return count_; }

 private:
  std::map<Owner*, std::deque<Turn*>> ready_;
  std::deque<Owner*> owners_;  // each once, those with somebody ready
  std::size_t count_ = 0;
};

int main() {
  const Engine engine = *Engine::make();
  ImageOptions image_options;
  image_options.sources = {{"m", "return {spin = function() while true do end end}", "m.lua"}};
  const Image image = *Image::compile(engine, image_options);

  SchedulerOptions options;
  options.thread_count = 0;
  options.policy = [] { return std::make_unique<OwnersInTurn>(); };
  Scheduler scheduler(options);
  for (int n = 0; n < 10; ++n) {
    Vm vm = *image.fork();
    if (!vm.start("m", {"spin"}, {})) return 1;
    ProgramOptions program;
    program.owner = n == 0 ? "few" : "many";
    if (!scheduler.add(std::move(vm), std::move(program))) return 1;
  }
  scheduler.poll({.turns_max = 200});
  std::map<std::string, std::uint64_t> fuel;
  for (const ProgramInfo& info : scheduler.programs()) fuel[info.owner] += info.fuel;
  const double ratio = static_cast<double>(fuel["few"]) / static_cast<double>(fuel["many"]);
  std::printf("one program of one owner had %.2f of the fuel of another owner's nine\n", ratio);
  return ratio > 0.9 && ratio < 1.1 ? 0 : 1;
}
