// An HTTP server in which each request runs a Lua handler in a fork of its own, with limits.
//
// One event loop a thread, each with its own listening socket; a request stays on its thread. A
// handler that sleeps is put to rest: it costs the bytes of its state and a timer. One that
// computes for long takes turns with the others of its thread.
//
// usage: example_http_server [PORT [THREADS]]     (8080, as many as there are cores)
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <moonlet/moonlet.hpp>

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using namespace moonlet;

constexpr char kScript[] = R"lua(
  local function handle(method, target)
    local path, query = target:match("^([^?]*)%??(.*)$")
    if path == "/hello" then
      local name = query:match("name=([%w_]+)") or "world"
      return 200, "hello " .. name .. "\n"
    elseif path == "/sleep" then
      sys.sleep(tonumber(query:match("seconds=(%d+)")) or 1)
      return 200, "awake\n"
    elseif path == "/spin" then
      while true do end
    end
    return 404, "there is nothing at " .. path .. "\n"
  end
  return {handle = handle}
)lua";

// What one request may take.
constexpr std::uint64_t kFuelMax = 50'000'000;
constexpr std::uint64_t kMemoryMax = 4u << 20;
constexpr std::uint64_t kSliceFuel = 200'000;
constexpr std::size_t kBodyMax = 64u << 10;

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const EntryPoint& handler)
      : socket_(std::move(socket)), handler_(handler) {}

  void read() {
    parser_.emplace();
    parser_->body_limit(kBodyMax);
    http::async_read(socket_, buffer_, *parser_,
                     [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                       if (!error) self->begin();
                     });
  }

 private:
  void begin() {
    ForkOptions options;
    options.limits.fuel = kFuelMax;
    options.limits.memory_bytes = kMemoryMax;
    auto vm = handler_.image().fork(options);
    if (!vm) return respond(503, "no memory\n");
    vm_.emplace(std::move(*vm));
    const auto& request = parser_->get();
    keep_alive_ = request.keep_alive();
    auto started = vm_->start(
        handler_, {std::string_view(request.method_string()), std::string_view(request.target())});
    if (!started) return respond(500, started.error() + "\n");
    parser_.reset();
    run();
  }

  void run() {
    Outcome outcome = vm_->run({.fuel = kSliceFuel});
    if (std::holds_alternative<Preempted>(outcome)) {
      asio::post(socket_.get_executor(), [self = shared_from_this()] { self->run(); });
    } else if (auto* finished = std::get_if<Finished>(&outcome)) {
      finish(finished->values);
    } else if (const auto* suspended = std::get_if<Suspended>(&outcome)) {
      answer(suspended->command);
    } else {
      const Failed* failed = error_of(outcome);
      respond(500, (failed != nullptr ? failed->message : std::string("killed")) + "\n");
    }
  }

  void answer(const Command& command) {
    if (command.kind != CommandKind::Sleep) {
      static_cast<void>(
          vm_->resume_with_error(command.id, Value("this server only sleeps: " + command.name)));
      return run();
    }
    const Value& seconds = command.arguments.at(0);
    const double time =
        seconds.integer() != nullptr ? static_cast<double>(*seconds.integer()) : *seconds.number();
    timer_ = std::make_unique<asio::steady_timer>(
        socket_.get_executor(), std::chrono::milliseconds(static_cast<std::int64_t>(time * 1000)));
    static_cast<void>(vm_->rest());
    timer_->async_wait(
        [self = shared_from_this(), id = command.id](boost::system::error_code error) {
          if (error || !self->vm_->resume(id, {})) return;
          self->timer_.reset();
          self->run();
        });
  }

  void finish(const std::vector<Value>& values) {
    const std::int64_t* status = values.empty() ? nullptr : values[0].integer();
    const std::string* body = values.size() < 2 ? nullptr : values[1].string();
    if (status == nullptr || body == nullptr || *status < 200 || *status > 599) {
      return respond(500, "the handler returned no status and text\n");
    }
    respond(static_cast<unsigned>(*status), *body);
  }

  void respond(unsigned status, std::string_view body) {
    vm_.reset();
    out_.clear();
    out_ += "HTTP/1.1 ";
    out_ += std::to_string(status);
    out_ += ' ';
    const auto reason = http::obsolete_reason(static_cast<http::status>(status));
    out_.append(reason.data(), reason.size());
    out_ += "\r\nServer: moonlet\r\nContent-Type: text/plain\r\nContent-Length: ";
    out_ += std::to_string(body.size());
    out_ += keep_alive_ ? "\r\nConnection: keep-alive\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
    out_ += body;
    asio::async_write(socket_, asio::buffer(out_),
                      [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                        if (!error && self->keep_alive_) self->read();
                      });
  }

  tcp::socket socket_;
  const EntryPoint& handler_;
  boost::beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<Vm> vm_;
  std::unique_ptr<asio::steady_timer> timer_;
  std::string out_;
  bool keep_alive_ = false;
};

class Listener {
 public:
  Listener(asio::io_context& context, std::uint16_t port, const EntryPoint& handler)
      : acceptor_(context), handler_(handler) {
    const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    // Each thread has a queue of connections of its own (SO_REUSEPORT).
    acceptor_.set_option(asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>(true));
    acceptor_.bind(endpoint);
    acceptor_.listen(16'384);
    accept();
  }

 private:
  void accept() {
    acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (!error) {
        socket.set_option(tcp::no_delay(true));
        std::make_shared<Session>(std::move(socket), handler_)->read();
      }
      accept();
    });
  }

  tcp::acceptor acceptor_;
  const EntryPoint& handler_;
};

int main(int argc, char** argv) {
  const auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 8080);
  const auto cores = static_cast<int>(std::max(std::thread::hardware_concurrency(), 1u));
  const int count = argc > 2 ? std::max(std::atoi(argv[2]), 1) : cores;
  ImageOptions options;
  options.sources = {{"app", kScript, "app.lua"}};
  const auto image = Image::compile(*Engine::make(), options);
  if (!image) {
    std::fprintf(stderr, "%s\n", image.error().c_str());
    return 1;
  }
  const EntryPoint handler(*image, "app", {"handle"});
  const auto serve = [&] {
    asio::io_context context(1);
    const Listener listener(context, port, handler);
    context.run();
  };
  std::vector<std::thread> threads;
  for (int n = 1; n < count; ++n) threads.emplace_back(serve);
  std::printf("http://127.0.0.1:%u/hello?name=you on %d threads\n", port, count);
  std::fflush(stdout);
  serve();
}
