#include "project/expectations.hpp"

#include <algorithm>

#include "project/difference.hpp"

namespace moonlet::project {

namespace {

using Lines = std::vector<std::string>;

void append(Lines& lines, Lines more) {
  lines.insert(lines.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
}

std::string times(std::int64_t count) {
  return std::to_string(count) + (count == 1 ? " time" : " times");
}

std::string listed(const Lines& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

// With the line of the script that the traceback begins with.
std::string failure_text(const SessionReport& report) {
  return report.traceback.empty() ? report.message : report.message + "\n" + report.traceback;
}

void check_end(const Expected& expected, const SessionReport& report, Lines& lines) {
  if (report.end == SessionEnd::Failed) {
    if (!expected.error) {
      lines.push_back("the script failed: " + failure_text(report));
    } else if (report.message.find(*expected.error) == std::string::npos) {
      lines.push_back("the error is \"" + report.message + "\", expected one with \"" +
                      *expected.error + "\"");
    }
    return;
  }
  if (expected.error) {
    lines.push_back("the script did not fail, expected an error with \"" + *expected.error + "\"");
  }
  if (expected.result) append(lines, differences("result", *expected.result, report.result));
}

void check_calls(const std::string& name, const ExpectedCalls& expected, const MockHost& host,
                 Lines& lines) {
  Value::Array payloads;
  for (const MockHost::Call& call : host.calls()) {
    if (call.name == name) payloads.push_back(call.payload);
  }
  const auto count = static_cast<std::int64_t>(payloads.size());
  if (expected.count && *expected.count != count) {
    lines.push_back(name + " was called " + times(count) + ", expected " +
                    std::to_string(*expected.count));
  }
  if (!expected.arguments) return;
  const auto wanted = static_cast<std::int64_t>(expected.arguments->size());
  if (wanted != count && !expected.count) {
    lines.push_back(name + " was called " + times(count) + ", expected " + std::to_string(wanted));
  }
  for (std::size_t n = 0; n < std::min(payloads.size(), expected.arguments->size()); ++n) {
    append(lines, differences("call " + std::to_string(n + 1) + " of " + name + ": payload",
                              (*expected.arguments)[n], payloads[n]));
  }
}

void check_order(const Lines& expected, const MockHost& host, Lines& lines) {
  Lines names;
  for (const MockHost::Call& call : host.calls()) names.push_back(call.name);
  if (names == expected) return;
  lines.push_back("calls: " + listed(names) + "; expected " + listed(expected));
}

void check_events(const std::vector<ExpectedEvent>& expected, const MockHost& host, Lines& lines) {
  Lines names;
  Lines wanted;
  for (const MockHost::Call& event : host.events()) names.push_back(event.name);
  for (const ExpectedEvent& event : expected) wanted.push_back(event.name);
  if (names != wanted) {
    lines.push_back("events: " + listed(names) + "; expected " + listed(wanted));
    return;
  }
  for (std::size_t n = 0; n < expected.size(); ++n) {
    if (!expected[n].payload) continue;
    append(lines, differences("event " + std::to_string(n + 1) + ", " + names[n] + ": payload",
                              *expected[n].payload, host.events()[n].payload));
  }
}

// Each expected line has to be there, in this order; others may stand between them.
void check_logs(const std::vector<ExpectedLog>& expected, const MockHost& host, Lines& lines) {
  auto at = host.lines().begin();
  for (const ExpectedLog& log : expected) {
    at = std::find_if(at, host.lines().end(), [&](const MockHost::Line& line) {
      return (!log.level || line.level == *log.level) &&
             (!log.contains || line.text.find(*log.contains) != std::string::npos);
    });
    if (at == host.lines().end()) {
      lines.push_back("the log has no line" + (log.level ? " of level " + *log.level : "") +
                      (log.contains ? " with \"" + *log.contains + "\"" : "") +
                      ", or not in this order");
      return;
    }
    ++at;
  }
}

}  // namespace

std::vector<std::string> unmet(const Expected& expected, const SessionReport& report,
                               const MockHost& host) {
  Lines lines;
  check_end(expected, report, lines);
  for (const auto& [name, calls] : expected.calls) check_calls(name, calls, host, lines);
  if (expected.order) check_order(*expected.order, host, lines);
  if (expected.events) check_events(*expected.events, host, lines);
  if (expected.logs) check_logs(*expected.logs, host, lines);
  return lines;
}

}  // namespace moonlet::project
