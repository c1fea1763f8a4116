#include "outcome.hpp"

#include "values.hpp"

namespace moonlet::node {

namespace {

const char* kind_name(CommandKind kind) {
  switch (kind) {
    case CommandKind::Call:
      return "call";
    case CommandKind::Invoke:
      return "invoke";
    case CommandKind::Emit:
      return "emit";
    case CommandKind::Log:
      return "log";
    case CommandKind::Await:
      return "await";
    case CommandKind::Sleep:
      return "sleep";
  }
  return "unknown";
}

Napi::Object command_to_js(Napi::Env env, const Command& command) {
  Napi::Object out = Napi::Object::New(env);
  out.Set("vm", to_js(env, Value(command.id.vm)));
  out.Set("sequence", static_cast<double>(command.id.sequence));
  out.Set("kind", kind_name(command.kind));
  out.Set("name", to_js(env, Value(command.name)));
  out.Set("arguments", to_js(env, Value(command.arguments)));
  return out;
}

// Texts of scripts may be any bytes; here they are for people.
Napi::Value shown(Napi::Env env, const std::string& text) {
  const Napi::Value converted = to_js(env, Value(text));
  return converted.IsString() ? converted : converted.ToString().As<Napi::Value>();
}

Napi::Object failure_to_js(Napi::Env env, const Failed& failed, const LimitHit* hit) {
  Napi::Object out = Napi::Object::New(env);
  out.Set("kind", "failed");
  out.Set("message", shown(env, failed.message));
  out.Set("traceback", shown(env, failed.traceback));
  out.Set("value", to_js(env, failed.error));
  out.Set("limit", hit == nullptr ? env.Null()
                                  : Napi::String::New(env, text_of(hit->limit)).As<Napi::Value>());
  return out;
}

Napi::Object of_kind(Napi::Env env, const char* kind) {
  Napi::Object out = Napi::Object::New(env);
  out.Set("kind", kind);
  return out;
}

}  // namespace

Napi::Object outcome_to_js(Napi::Env env, const Outcome& outcome) {
  if (const auto* finished = std::get_if<Finished>(&outcome)) {
    Napi::Object out = of_kind(env, "finished");
    out.Set("values", to_js(env, Value(finished->values)));
    return out;
  }
  if (const auto* suspended = std::get_if<Suspended>(&outcome)) {
    Napi::Object out = of_kind(env, "suspended");
    out.Set("command", command_to_js(env, suspended->command));
    return out;
  }
  if (std::holds_alternative<Preempted>(outcome)) return of_kind(env, "preempted");
  if (const Failed* failed = error_of(outcome)) {
    return failure_to_js(env, *failed, std::get_if<LimitHit>(&outcome));
  }
  return failure_to_js(env, Failed{{}, "the script was ended", {}}, nullptr);
}

Napi::Array stack_to_js(Napi::Env env, const std::vector<StackFrame>& frames) {
  Napi::Array out = Napi::Array::New(env, frames.size());
  for (std::uint32_t n = 0; n < frames.size(); ++n) {
    const Napi::HandleScope scope(env);
    const StackFrame& frame = frames[n];
    Napi::Object record = Napi::Object::New(env);
    record.Set("function", shown(env, frame.function));
    record.Set("source", shown(env, frame.source));
    record.Set("line", frame.line);
    Napi::Object locals = Napi::Object::New(env);
    for (const StackVariable& local : frame.locals) {
      locals.Set(shown(env, local.name), shown(env, local.text));
    }
    record.Set("locals", locals);
    out.Set(n, record);
  }
  return out;
}

}  // namespace moonlet::node
