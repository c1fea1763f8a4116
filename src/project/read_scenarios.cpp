#include "project/nearest_name.hpp"
#include "project/read_sections.hpp"

namespace moonlet::project {

namespace {

const std::vector<std::string> kScenarioMembers = {
    "handler", "input",  "config", "dehydrateAfter", "dehydrateEvery",
    "mocks",   "expect", "cases",  "description"};
const std::vector<std::string> kCaseMembers = {
    "name", "input", "config", "dehydrateAfter", "dehydrateEvery", "mocks", "expect"};

void check_name(const Node& node, const std::string& name, const Project& project) {
  if (project.find_host_function(name) != nullptr) return;
  node.fail_name("is not in \"hostFunctions\"" + hint_for(name, project.host_function_names()));
}

std::optional<std::uint64_t> read_calls(const Node& node) {
  const auto calls = node.count(1, "number of calls, 1 or more");
  return calls ? std::optional<std::uint64_t>(static_cast<std::uint64_t>(*calls)) : std::nullopt;
}

// A mock that the function could not have given is a test of nothing.
void check_returns(const Node& node, Value& value, const std::string& name,
                   const Project& project) {
  const HostFunction* function = project.find_host_function(name);
  if (function == nullptr || !function->returns) return;
  auto done = function->returns->fit(value);
  if (done) return;
  node.fail("does not fit what " + name + " returns: " + path_text("it", done.error().path) + " " +
            done.error().what);
}

Mock read_mock(const Node& node, const std::string& name, const Project& project) {
  Mock mock;
  if (!node.is_object()) return mock;
  node.expect_members({"returns", "error", "delay"});
  if (const auto returns = node.find("returns")) {
    mock.returns = returns->value();
    check_returns(*returns, *mock.returns, name, project);
  }
  if (const auto error = node.find("error")) mock.error = error->text();
  if (mock.returns && mock.error) node.fail("has both \"returns\" and \"error\"");
  if (const auto delay = node.find("delay")) {
    mock.delay_ms = delay->amount("number of milliseconds").value_or(0);
  }
  return mock;
}

void read_mocks(const Node& section, Scenario& scenario, const Project& project) {
  for (const Node& node : section.members()) {
    check_name(node, node.name(), project);
    std::vector<Mock> mocks;
    for (const Node& one : node.elements()) mocks.push_back(read_mock(one, node.name(), project));
    bool is_replaced = false;
    for (auto& [name, list] : scenario.mocks) {
      if (name != node.name()) continue;
      list = mocks;
      is_replaced = true;
    }
    if (!is_replaced) scenario.mocks.emplace_back(node.name(), std::move(mocks));
  }
}

ExpectedCalls read_expected_calls(const Node& node) {
  ExpectedCalls calls;
  if (node.value().integer() != nullptr) {
    calls.count = node.count(0, "number of calls, 0 or more");
    return calls;
  }
  const auto read_arguments = [&](const Node& list) {
    calls.arguments.emplace();
    for (const Node& one : list.elements()) calls.arguments->push_back(one.value());
  };
  if (node.value().array() != nullptr) {
    read_arguments(node);
  } else if (node.value().object() != nullptr) {
    node.expect_members({"count", "arguments"});
    if (const auto count = node.find("count")) calls.count = count->count(0, "number of calls");
    if (const auto list = node.find("arguments")) read_arguments(*list);
  } else {
    node.fail(
        "must be a number of calls, a list of their arguments, or an object with \"count\" "
        "and \"arguments\"");
  }
  return calls;
}

void read_events(const Node& section, Expected& expected) {
  expected.events.emplace();
  for (const Node& node : section.elements()) {
    ExpectedEvent event;
    if (node.value().string() != nullptr) {
      event.name = *node.value().string();
    } else if (node.is_object()) {
      node.expect_members({"name", "payload"});
      const auto name = node.find("name");
      if (!name) node.fail("needs the event's \"name\"");
      if (name) event.name = name->text().value_or("");
      if (const auto payload = node.find("payload")) event.payload = payload->value();
    }
    expected.events->push_back(std::move(event));
  }
}

void read_logs(const Node& section, Expected& expected) {
  expected.logs.emplace();
  for (const Node& node : section.elements()) {
    ExpectedLog log;
    if (node.value().string() != nullptr) {
      log.contains = *node.value().string();
    } else if (node.is_object()) {
      node.expect_members({"level", "contains"});
      if (const auto level = node.find("level")) log.level = level->text();
      if (const auto text = node.find("contains")) log.contains = text->text();
    }
    expected.logs->push_back(std::move(log));
  }
}

void read_expected(const Node& section, Expected& expected, const Project& project) {
  if (!section.is_object()) return;
  section.expect_members({"result", "error", "calls", "order", "events", "logs"});
  const auto result = section.find("result");
  const auto error = section.find("error");
  if (result) {
    expected.result = result->value();
    expected.error.reset();
  }
  if (error) {
    expected.error = error->text();
    expected.result.reset();
  }
  if (result && error) section.fail("has both \"result\" and \"error\"");
  if (const auto calls = section.find("calls")) {
    expected.calls.clear();
    for (const Node& node : calls->members()) {
      check_name(node, node.name(), project);
      expected.calls.emplace_back(node.name(), read_expected_calls(node));
    }
  }
  if (const auto order = section.find("order")) {
    expected.order.emplace();
    for (const Node& node : order->elements()) {
      if (auto name = node.text()) expected.order->push_back(std::move(*name));
    }
  }
  if (const auto events = section.find("events")) read_events(*events, expected);
  if (const auto logs = section.find("logs")) read_logs(*logs, expected);
}

// What scenarios and their cases both have; a case replaces what the scenario says.
void read_common(const Node& node, Scenario& scenario, const Project& project) {
  if (const auto input = node.find("input")) scenario.input = input->value();
  if (const auto config = node.find("config"); config && config->is_object()) {
    scenario.config = config->value();
  }
  if (const auto after = node.find("dehydrateAfter")) {
    scenario.dehydrate_after = read_calls(*after);
  }
  if (const auto every = node.find("dehydrateEvery")) {
    scenario.dehydrate_every = read_calls(*every);
  }
  if (const auto mocks = node.find("mocks")) read_mocks(*mocks, scenario, project);
  if (const auto expect = node.find("expect")) read_expected(*expect, scenario.expected, project);
}

void read_scenario(const Node& node, Project& project) {
  if (!node.is_object()) return;
  node.expect_members(kScenarioMembers);
  Scenario scenario;
  scenario.name = node.name();
  scenario.path = node.path();
  scenario.input = Value(Value::Object{});
  if (const auto handler = node.find("handler")) {
    scenario.handler = handler->text().value_or("");
    if (handler->value().string() != nullptr && project.find_handler(scenario.handler) == nullptr) {
      handler->fail("is \"" + scenario.handler + "\", which is not in \"handlers\"" +
                    hint_for(scenario.handler, project.handler_names()));
    }
  } else {
    node.fail("needs a \"handler\"");
  }
  read_common(node, scenario, project);
  const auto cases = node.find("cases");
  if (!cases) {
    project.scenarios.push_back(std::move(scenario));
    return;
  }
  std::size_t number = 0;
  for (const Node& one : cases->elements()) {
    ++number;
    if (!one.is_object()) continue;
    one.expect_members(kCaseMembers);
    Scenario row = scenario;
    std::string name = std::to_string(number);
    if (const auto given = one.find("name")) name = given->text().value_or(name);
    row.name += " [" + name + "]";
    row.path = one.path();
    read_common(one, row, project);
    project.scenarios.push_back(std::move(row));
  }
  if (number == 0) cases->fail("has no case");
}

}  // namespace

void read_scenarios(const Node& section, Project& project) {
  for (const Node& node : section.members()) read_scenario(node, project);
}

}  // namespace moonlet::project
