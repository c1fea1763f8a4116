#include "program.hpp"

#include <cmath>

#include "async_run.hpp"
#include "outcome.hpp"
#include "values.hpp"

namespace moonlet::node {

namespace {

// One for the process. Never destroyed: threads of the pool may still use it when the process ends.
const Engine& engine() {
  static const Engine* const made = new Engine(*Engine::make());
  return *made;
}

[[noreturn]] void fail(Napi::Env env, const std::string& what) {
  throw Napi::Error::New(env, what);
}

std::string text_of(Napi::Value value) { return value.As<Napi::String>().Utf8Value(); }

std::string bytes_of(Napi::Value value) {
  const auto bytes = value.As<Napi::Uint8Array>();
  return {reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength()};
}

Source source_of(Napi::Object object) {
  return {text_of(object.Get("name")), bytes_of(object.Get("text")), text_of(object.Get("file"))};
}

// A count, as JavaScript has it: Infinity is none.
std::uint64_t count_of(Napi::Value value, std::uint64_t none) {
  const double n = value.As<Napi::Number>().DoubleValue();
  return n < 0x1p63 ? static_cast<std::uint64_t>(n) : none;
}

// Those that are not there stay.
void read_limits(Napi::Object object, Limits& limits) {
  const auto read = [&](const char* name, auto& out, auto none, std::uint64_t factor) {
    const Napi::Value value = object.Get(name);
    if (!value.IsNumber()) return;
    const std::uint64_t n = count_of(value, UINT64_MAX);
    out = n > none / factor ? none : static_cast<std::decay_t<decltype(out)>>(n * factor);
  };
  read("memory", limits.memory_bytes, UINT64_MAX, 1);
  read("fuel", limits.fuel, UINT64_MAX, 1);
  read("runTimeMs", limits.run_time_ns, UINT64_MAX, 1'000'000);
  read("stackSlots", limits.stack_slots, UINT32_MAX, 1);
}

ForkOptions fork_options(Napi::Object object, Core& core) {
  ForkOptions options;
  options.host = &core.host;
  const Napi::Value id = object.Get("id");
  if (id.IsString()) options.id = text_of(id);
  const Napi::Value seed = object.Get("seed");
  if (seed.IsNumber()) options.seed = static_cast<std::uint64_t>(seed.ToNumber().Int64Value());
  options.config = core.config;
  const Napi::Value limits = object.Get("limits");
  if (limits.IsObject()) read_limits(limits.As<Napi::Object>(), options.limits);
  return options;
}

}  // namespace

Program::Program(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<Program>(info), core_(std::make_shared<Core>()) {}

Program::~Program() {
  if (accounted_bytes_ != 0) Napi::MemoryManagement::AdjustExternalMemory(Env(), -accounted_bytes_);
  if (core_->is_running && core_->vm) core_->vm->kill();
}

Core& Program::idle(Napi::Env env) {
  if (core_->is_running) fail(env, "the script is running");
  return *core_;
}

Vm& Program::vm(Napi::Env env) {
  Core& core = idle(env);
  if (!core.vm) fail(env, "nothing was started");
  return *core.vm;
}

void Program::account(Napi::Env env) {
  const std::int64_t bytes =
      core_->vm ? static_cast<std::int64_t>(core_->vm->usage().memory_bytes) : 0;
  if (bytes == accounted_bytes_) return;
  Napi::MemoryManagement::AdjustExternalMemory(env, bytes - accounted_bytes_);
  accounted_bytes_ = bytes;
}

Napi::Value Program::compile(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Core& core = idle(env);
  const auto settings = info[0].As<Napi::Object>();
  ImageOptions options;
  const auto sources = settings.Get("sources").As<Napi::Array>();
  for (std::uint32_t n = 0; n < sources.Length(); ++n) {
    options.sources.push_back(source_of(sources.Get(n).As<Napi::Object>()));
  }
  // JavaScript sees to it that all are of one language.
  if (!options.sources.empty()) {
    options.dialect = dialect_of_file(options.sources.front().file_name);
  }
  if (settings.Get("libraries").IsArray()) {
    const auto names = settings.Get("libraries").As<Napi::Array>();
    for (std::uint32_t n = 0; n < names.Length(); ++n) {
      options.libraries.names.push_back(text_of(names.Get(n)));
    }
  }
  options.agent_namespace = text_of(settings.Get("namespace"));
  options.host = &core.host;
  read_limits(settings.Get("limits").As<Napi::Object>(), options.limits);
  const auto find = settings.Get("find").As<Napi::Function>();
  options.find_module = [&](std::string_view name) -> std::expected<Source, std::string> {
    // Nothing may be thrown through the compiler.
    try {
      const Napi::HandleScope scope(env);
      const Napi::Value found = find.Call({Napi::String::New(env, std::string(name))});
      if (found.IsString()) return std::unexpected(text_of(found));
      return source_of(found.As<Napi::Object>());
    } catch (const Napi::Error& error) {
      return std::unexpected(error.Message());
    }
  };
  core.is_running = true;
  auto image = Image::compile(engine(), options);
  core.is_running = false;
  if (!image) fail(env, image.error());
  if (core.vm) {
    if (auto done = core.vm->upgrade(*image); !done) fail(env, done.error().message);
  }
  core.image = std::move(*image);
  return env.Undefined();
}

Napi::Value Program::handlers(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Core& core = idle(env);
  if (!core.image) fail(env, "no script is loaded");
  const std::string module = text_of(info[0]);
  auto probe = core.image->fork();
  if (!probe) fail(env, probe.error());
  const auto names = probe->functions(module, {"handlers"});
  Napi::Array out = Napi::Array::New(env, names.size());
  for (std::uint32_t n = 0; n < names.size(); ++n) out.Set(n, Napi::String::New(env, names[n]));
  return out;
}

Napi::Value Program::start(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const std::string module = text_of(info[0]);
  const std::string name = text_of(info[1]);
  moonlet::Value input = to_value(info[2], "input");
  Core& core = idle(env);
  if (!core.image) fail(env, "no script is loaded");
  if (!core.vm) {
    auto made = core.image->fork(fork_options(info[3].As<Napi::Object>(), core));
    if (!made) fail(env, made.error());
    core.vm = std::move(*made);
  }
  if (auto done = core.vm->start(module, {"handlers", name}, {std::move(input)}); !done) {
    fail(env, done.error());
  }
  return env.Undefined();
}

Napi::Value Program::thaw(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Core& core = idle(env);
  const std::string state = bytes_of(info[0]);
  const ForkOptions options = fork_options(info[1].As<Napi::Object>(), core);
  if (!core.image) fail(env, "no script is loaded");
  auto thawed = Vm::thaw(*core.image, state, options);
  if (!thawed) fail(env, thawed.error());
  core.vm = std::move(*thawed);
  account(env);
  return Napi::Boolean::New(env, core.vm->pending() != nullptr);
}

Napi::Value Program::freeze(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto state = vm(env).freeze();
  if (!state) fail(env, state.error());
  return Napi::Buffer<char>::Copy(env, state->data(), state->size());
}

Napi::Value Program::run(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Vm& machine = vm(env);
  RunOptions options;
  options.fuel = count_of(info[0], UINT64_MAX);
  const Outcome outcome = machine.run(options);
  account(env);
  return outcome_to_js(env, outcome);
}

Napi::Value Program::run_async(const Napi::CallbackInfo& info) {
  vm(info.Env());
  return begin_async_run(info.Env(), core_, count_of(info[0], UINT64_MAX));
}

Napi::Value Program::outcome(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Core& core = idle(env);
  if (!core.outcome) fail(env, "nothing was run");
  const Outcome outcome = std::move(*core.outcome);
  core.outcome.reset();
  account(env);
  return outcome_to_js(env, outcome);
}

Napi::Value Program::answer(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::vector<moonlet::Value> values;
  const auto list = info[0].As<Napi::Array>();
  for (std::uint32_t n = 0; n < list.Length(); ++n) {
    values.push_back(to_value(list.Get(n), "response"));
  }
  info[1].As<Napi::Function>().Call({});
  Vm& machine = vm(env);
  const Command* pending = machine.pending();
  if (pending == nullptr) fail(env, "nothing waits for an answer");
  if (auto done = machine.resume(CommandId(pending->id), values); !done) fail(env, done.error());
  return env.Undefined();
}

Napi::Value Program::answer_with_error(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const moonlet::Value error = to_value(info[0], "error");
  info[1].As<Napi::Function>().Call({});
  Vm& machine = vm(env);
  const Command* pending = machine.pending();
  if (pending == nullptr) fail(env, "nothing waits for an answer");
  if (auto done = machine.resume_with_error(CommandId(pending->id), error); !done) {
    fail(env, done.error());
  }
  return env.Undefined();
}

Napi::Value Program::set_config(const Napi::CallbackInfo& info) {
  moonlet::Value config = to_value(info[0], "config");
  idle(info.Env()).config = std::move(config);
  return info.Env().Undefined();
}

Napi::Value Program::set_limits(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Vm& machine = vm(env);
  Limits limits = machine.limits();
  read_limits(info[0].As<Napi::Object>(), limits);
  if (auto done = machine.set_limits(limits); !done) fail(env, done.error());
  return env.Undefined();
}

Napi::Value Program::cancel(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  if (auto done = vm(env).cancel(); !done) fail(env, done.error());
  account(env);
  return env.Undefined();
}

Napi::Value Program::interrupt(const Napi::CallbackInfo& info) {
  if (core_->vm) core_->vm->interrupt();
  return info.Env().Undefined();
}

Napi::Value Program::take_output(const Napi::CallbackInfo& info) {
  const std::string text = idle(info.Env()).host.take();
  return Napi::Buffer<char>::Copy(info.Env(), text.data(), text.size());
}

Napi::Value Program::usage(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Core& core = idle(env);
  const Usage used = core.vm ? core.vm->usage() : Usage();
  Napi::Object out = Napi::Object::New(env);
  out.Set("memory", static_cast<double>(used.memory_bytes));
  out.Set("fuel", static_cast<double>(used.fuel));
  out.Set("runTimeMs", static_cast<double>(used.run_time_ns) / 1e6);
  return out;
}

Napi::Value Program::stack(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return stack_to_js(env, vm(env).stack());
}

Napi::Value Program::image_hash(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Core& core = idle(env);
  return core.image ? Napi::String::New(env, core.image->hash()).As<Napi::Value>() : env.Null();
}

Napi::Value Program::dispose(const Napi::CallbackInfo& info) {
  if (core_->is_running) {
    core_->vm->kill();
  } else {
    core_->vm.reset();
    core_->image.reset();
    core_->outcome.reset();
    account(info.Env());
  }
  return info.Env().Undefined();
}

Napi::Function Program::define(Napi::Env env) {
  return DefineClass(
      env, "Program",
      {InstanceMethod<&Program::compile>("compile"), InstanceMethod<&Program::handlers>("handlers"),
       InstanceMethod<&Program::start>("start"), InstanceMethod<&Program::thaw>("thaw"),
       InstanceMethod<&Program::freeze>("freeze"), InstanceMethod<&Program::run>("run"),
       InstanceMethod<&Program::run_async>("runAsync"),
       InstanceMethod<&Program::outcome>("outcome"), InstanceMethod<&Program::answer>("answer"),
       InstanceMethod<&Program::answer_with_error>("answerWithError"),
       InstanceMethod<&Program::set_config>("setConfig"),
       InstanceMethod<&Program::set_limits>("setLimits"),
       InstanceMethod<&Program::cancel>("cancel"), InstanceMethod<&Program::interrupt>("interrupt"),
       InstanceMethod<&Program::take_output>("takeOutput"),
       InstanceMethod<&Program::usage>("usage"), InstanceMethod<&Program::stack>("stack"),
       InstanceMethod<&Program::image_hash>("imageHash"),
       InstanceMethod<&Program::dispose>("dispose")});
}

}  // namespace moonlet::node
