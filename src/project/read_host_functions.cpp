#include "project/read_sections.hpp"

namespace moonlet::project {

namespace {

constexpr const char* kMilliseconds = "number of milliseconds";

// Codes of sysexits.h that say that the request, and not the moment, is wrong; a program that
// cannot be started.
const std::vector<std::int64_t> kFinalExitCodes = {64, 65, 77, 78, 126, 127};
// Everything else below 500 is the request's fault.
const std::vector<std::int64_t> kFinalStatuses = {400, 401, 402, 403, 404, 405, 406, 409, 410,
                                                  411, 412, 413, 414, 415, 422, 501, 505};

std::optional<Schema> read_schema(const Node& node) {
  auto schema = Schema::make(node.value());
  if (schema) return std::move(*schema);
  node.fail(schema.error());
  return std::nullopt;
}

void read_retry(const Node& node, Retry& retry) {
  if (!node.is_object()) return;
  node.expect_members({"times", "backoff", "maxBackoff", "never"});
  if (const auto times = node.find("times")) {
    retry.times = times->count(0, "number of attempts after the first, 0 or more").value_or(0);
  }
  if (const auto backoff = node.find("backoff")) {
    retry.backoff_ms = backoff->count(0, kMilliseconds).value_or(0);
  }
  if (const auto most = node.find("maxBackoff")) {
    retry.backoff_ms_max = most->count(0, kMilliseconds).value_or(0);
  }
  const auto never = node.find("never");
  if (!never) return;
  retry.never.clear();
  for (const Node& code : never->elements()) {
    if (const auto number = code.count(0, "number: an exit code, or a status of HTTP")) {
      retry.never.push_back(*number);
    }
  }
}

void read_attempts(const Node& node, HostFunction& function) {
  if (const auto timeout = node.find("timeout")) {
    function.timeout_ms = timeout->count(1, kMilliseconds).value_or(1);
  }
  if (const auto retry = node.find("retry")) read_retry(*retry, function.retry);
}

void read_cli(const Node& node, HostFunction& function) {
  if (!node.is_object()) return;
  node.expect_members({"exec", "timeout", "retry"});
  function.retry.never = kFinalExitCodes;
  CommandLine command;
  if (const auto exec = node.find("exec")) {
    command.exec = exec->text().value_or("");
    if (exec->value().string() != nullptr && command.exec.empty()) exec->fail("is empty");
  } else {
    node.fail("needs \"exec\", a command line");
  }
  read_attempts(node, function);
  function.by = std::move(command);
}

void read_http(const Node& node, HostFunction& function) {
  if (!node.is_object()) return;
  node.expect_members({"url", "method", "headers", "timeout", "retry"});
  function.retry.never = kFinalStatuses;
  HttpRequest request;
  if (const auto url = node.find("url")) {
    request.url = url->text().value_or("");
    if (url->value().string() != nullptr && !request.url.starts_with("http://") &&
        !request.url.starts_with("https://") && !request.url.starts_with("${")) {
      url->fail("must begin with http:// or https://");
    } else if (has_line_break(request.url)) {
      url->fail("has a line break");
    }
  } else {
    node.fail("needs a \"url\"");
  }
  if (const auto method = node.find("method")) {
    request.method =
        method->text_in({"GET", "POST", "PUT", "PATCH", "DELETE"}).value_or(request.method);
  }
  if (const auto headers = node.find("headers")) {
    for (const Node& header : headers->members()) {
      auto text = header.text();
      if (!text) continue;
      if (header.name().find(':') != std::string::npos || has_line_break(header.name()) ||
          has_line_break(*text)) {
        header.fail("is no header: it has a line break, or a colon in its name");
      } else {
        request.headers.emplace_back(header.name(), std::move(*text));
      }
    }
  }
  read_attempts(node, function);
  function.by = std::move(request);
}

}  // namespace

void read_host_functions(const Node& section, Project& project) {
  for (const Node& node : section.members()) {
    if (!node.is_object()) continue;
    node.expect_members({"args", "returns", "cli", "http", "description"});
    HostFunction function;
    function.name = node.name();
    if (const auto args = node.find("args")) function.args = read_schema(*args);
    if (const auto returns = node.find("returns")) function.returns = read_schema(*returns);
    const auto cli = node.find("cli");
    const auto http = node.find("http");
    if (cli && http) http->fail_name("stands beside \"cli\"; one of them answers");
    if (cli) {
      read_cli(*cli, function);
    } else if (http) {
      read_http(*http, function);
    }
    project.host_functions.push_back(std::move(function));
  }
}

}  // namespace moonlet::project
