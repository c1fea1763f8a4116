#include "project/scenario_report.hpp"

#include <algorithm>
#include <cstdio>

#include "project/readable_text.hpp"

namespace moonlet::project {

namespace {

std::size_t count_passed(const std::vector<ScenarioResult>& results) {
  return static_cast<std::size_t>(
      std::count_if(results.begin(), results.end(), [](const auto& r) { return r.passed(); }));
}

// Every line of a text behind `indent`.
std::string indented(std::string_view text, std::string_view indent) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out += std::string(indent) + std::string(text.substr(at, end - at)) + "\n";
    at = end + 1;
  }
  return out;
}

std::string decimal(double number, int digits) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.*f", digits, number);
  return buffer;
}

// ---- For people.

constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kYellow = "\x1b[33m";
constexpr std::string_view kPlain = "\x1b[0m";

std::string coloured(std::string_view text, std::string_view colour, bool has_colours) {
  if (!has_colours) return std::string(text);
  return std::string(colour) + std::string(text) + std::string(kPlain);
}

std::string pretty(const std::vector<ScenarioResult>& results, bool has_colours) {
  std::string out;
  for (const ScenarioResult& result : results) {
    const bool passed = result.passed();
    out += coloured(passed ? "ok    " : "FAILED", passed ? kGreen : kRed, has_colours) + "  " +
           result.name + "\n";
    for (const std::string& failure : result.failures) out += indented(failure, "        ");
    for (const std::string& warning : result.warnings) {
      out += "        " + coloured("warning:", kYellow, has_colours) + " " + warning + "\n";
    }
    if (passed) continue;
    if (!result.output.empty()) {
      out += "        it wrote:\n" + indented(result.output, "          ");
    }
    out += "        at " + result.place + "\n";
  }
  return out + summary_of(results) + "\n";
}

// ---- TAP, version 14.

std::string tap_name(const std::string& name) {
  std::string out;
  for (const char c : name) {
    if (c == '#' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string tap(const std::vector<ScenarioResult>& results) {
  std::string out = "TAP version 14\n1.." + std::to_string(results.size()) + "\n";
  for (std::size_t n = 0; n < results.size(); ++n) {
    const ScenarioResult& result = results[n];
    out += (result.passed() ? "ok " : "not ok ") + std::to_string(n + 1) + " - " +
           tap_name(result.name) + "\n";
    for (const std::string& warning : result.warnings) out += "# " + warning + "\n";
    if (result.passed()) continue;
    out += "  ---\n  at: " + to_json(Value(readable_text(result.place))).value_or("\"\"") +
           "\n  message: |\n";
    for (const std::string& failure : result.failures) {
      out += indented(readable_text(failure), "    ");
    }
    out += "  ...\n";
  }
  return out;
}

// ---- JSON.

Value texts(const std::vector<std::string>& lines) {
  Value::Array list;
  for (const std::string& line : lines) list.emplace_back(readable_text(line));
  return Value(std::move(list));
}

std::string json(const std::string& project, const std::vector<ScenarioResult>& results) {
  Value::Array list;
  for (const ScenarioResult& result : results) {
    Value::Object record = {{"name", Value(result.name)},
                            {"passed", Value(result.passed())},
                            {"milliseconds", Value(result.milliseconds)},
                            {"failures", texts(result.failures)},
                            {"warnings", texts(result.warnings)}};
    if (!result.passed()) {
      record.push_back({"at", Value(readable_text(result.place))});
      record.push_back({"output", Value(readable_text(result.output))});
    }
    list.emplace_back(std::move(record));
  }
  const auto passed = static_cast<std::int64_t>(count_passed(results));
  const auto count = static_cast<std::int64_t>(results.size());
  const Value root(Value::Object{{"project", Value(readable_text(project))},
                                 {"passed", Value(passed)},
                                 {"failed", Value(count - passed)},
                                 {"scenarios", Value(std::move(list))}});
  return to_json(root, JsonLayout::Indented).value_or("{}") + "\n";
}

// ---- JUnit.

std::string xml(std::string_view bytes) {
  std::string out;
  for (const char c : readable_text(bytes)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        // XML has no other control characters, not even escaped.
        out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? '?' : c;
    }
  }
  return out;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

std::string junit(const std::string& project, const std::vector<ScenarioResult>& results) {
  double total = 0;
  for (const ScenarioResult& result : results) total += result.milliseconds;
  const std::size_t failed = results.size() - count_passed(results);
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"" +
                    xml(project) + "\" tests=\"" + std::to_string(results.size()) +
                    "\" failures=\"" + std::to_string(failed) + "\" time=\"" +
                    decimal(total / 1000, 3) + "\">\n";
  for (const ScenarioResult& result : results) {
    out += "  <testcase classname=\"" + xml(project) + "\" name=\"" + xml(result.name) +
           "\" time=\"" + decimal(result.milliseconds / 1000, 6) + "\"";
    if (result.passed()) {
      out += "/>\n";
      continue;
    }
    out += ">\n    <failure message=\"" +
           xml(result.failures[0].substr(0, result.failures[0].find('\n'))) + "\">" +
           xml(joined(result.failures)) + "\nat " + xml(result.place) + "</failure>\n";
    if (!result.output.empty()) {
      out += "    <system-out>" + xml(result.output) + "</system-out>\n";
    }
    out += "  </testcase>\n";
  }
  return out + "</testsuite>\n";
}

}  // namespace

std::string summary_of(const std::vector<ScenarioResult>& results) {
  const std::size_t passed = count_passed(results);
  std::string text = std::to_string(results.size()) +
                     (results.size() == 1 ? " scenario: " : " scenarios: ") +
                     std::to_string(passed) + " passed";
  if (passed < results.size()) text += ", " + std::to_string(results.size() - passed) + " failed";
  return text;
}

std::string report_text(const std::string& project, const std::vector<ScenarioResult>& results,
                        const ReportOptions& options) {
  switch (options.format) {
    case ReportFormat::Pretty:
      return pretty(results, options.has_colours);
    case ReportFormat::Tap:
      return tap(results);
    case ReportFormat::Json:
      return json(project, results);
    case ReportFormat::JUnit:
      return junit(project, results);
  }
  return {};
}

}  // namespace moonlet::project
