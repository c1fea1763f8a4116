#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/os/local_lines.hpp"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0  // there SO_NOSIGPIPE is set
#endif

namespace moonlet::base::os {

namespace {

constexpr int kWaitingMax = 8;            // connections that nobody has taken yet
constexpr int kSendTimeoutSeconds = 5;    // a client that does not read is given up
constexpr std::size_t kReadBytes = 4096;  // at once

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty()) return std::unexpected(EINVAL);
  if (path.size() >= sizeof address.sun_path) return std::unexpected(ENAMETOOLONG);
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

Result<Descriptor> new_socket() {
  const Descriptor socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  if (socket < 0) return std::unexpected(errno);
  fcntl(socket, F_SETFD, FD_CLOEXEC);
#ifdef SO_NOSIGPIPE
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes);
#endif
  return socket;
}

int connect_to(Descriptor socket, const sockaddr_un& address) {
  return ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0
             ? 0
             : errno;
}

int bind_to(Descriptor socket, const sockaddr_un& address) {
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0
                                                                                          : errno;
}

// Is the file a socket that nobody listens on?
bool is_left_over(const std::string& path, const sockaddr_un& address) {
  struct stat status;
  if (lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  const auto probe = new_socket();
  if (!probe) return false;
  const int error = connect_to(*probe, address);
  ::close(*probe);
  return error == ECONNREFUSED;
}

int bind_new(Descriptor socket, const std::string& path, const sockaddr_un& address) {
  // Linux gives the file the socket's own mode, so that nobody can connect in between.
  fchmod(socket, S_IRUSR | S_IWUSR);
  int error = bind_to(socket, address);
  if (error == EADDRINUSE && is_left_over(path, address)) {
    ::unlink(path.c_str());
    error = bind_to(socket, address);
  }
  if (error != 0) return error;
  if (chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 || ::listen(socket, kWaitingMax) != 0) {
    error = errno;
    ::unlink(path.c_str());
  }
  return error;
}

int send_all(Descriptor socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return 0;
}

// 0: the other end has gone.
Result<std::size_t> read_more(Descriptor socket, std::string& to) {
  char bytes[kReadBytes];
  for (;;) {
    const ssize_t count = ::recv(socket, bytes, sizeof bytes, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(errno);
    to.append(bytes, static_cast<std::size_t>(count));
    return static_cast<std::size_t>(count);
  }
}

}  // namespace

// ---- The server.

Result<LineServer> LineServer::open(const std::string& path, const LineServerOptions& options) {
  const auto address = address_of(path);
  if (!address) return std::unexpected(address.error());
  const auto listener = new_socket();
  if (!listener) return std::unexpected(listener.error());
  int pipe_ends[2];
  if (::pipe(pipe_ends) != 0) {
    const int error = errno;
    ::close(*listener);
    return std::unexpected(error);
  }
  for (const int end : pipe_ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  // Who has gone before he was taken must not be waited for.
  fcntl(*listener, F_SETFL, O_NONBLOCK);
  if (const int error = bind_new(*listener, path, *address); error != 0) {
    for (const int end : {*listener, pipe_ends[0], pipe_ends[1]}) ::close(end);
    return std::unexpected(error);
  }
  return LineServer(path, options, *listener, pipe_ends[0], pipe_ends[1]);
}

LineServer::LineServer(std::string path, const LineServerOptions& options, Descriptor listener,
                       Descriptor wake_read, Descriptor wake_write)
    : path_(std::move(path)),
      options_(options),
      listener_(listener),
      wake_read_(wake_read),
      wake_write_(wake_write) {}

LineServer::LineServer(LineServer&& other) noexcept
    : path_(std::move(other.path_)),
      options_(other.options_),
      listener_(std::exchange(other.listener_, -1)),
      wake_read_(std::exchange(other.wake_read_, -1)),
      wake_write_(std::exchange(other.wake_write_, -1)),
      clients_(std::move(other.clients_)) {}

LineServer::~LineServer() {
  if (listener_ < 0) return;
  ::unlink(path_.c_str());
  for (const Client& client : clients_) ::close(client.socket);
  for (const Descriptor end : {listener_, wake_read_, wake_write_}) ::close(end);
}

void LineServer::stop() {
  const char byte = 0;
  static_cast<void>(!::write(wake_write_, &byte, 1));
}

void LineServer::take_client() {
  const Descriptor socket = ::accept(listener_, nullptr, nullptr);
  if (socket < 0) return;
  fcntl(socket, F_SETFD, FD_CLOEXEC);
  fcntl(socket, F_SETFL, 0);  // some systems hand down O_NONBLOCK
  const timeval timeout{kSendTimeoutSeconds, 0};
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  if (clients_.size() >= options_.clients_max) {
    static_cast<void>(send_all(socket, "! there are too many clients\n"));
    ::close(socket);
    return;
  }
  clients_.push_back({socket, {}});
}

bool LineServer::hear(Client& client,
                      const std::function<std::string(std::string_view line)>& answer) {
  if (read_more(client.socket, client.received).value_or(0) == 0) return false;
  for (;;) {
    const std::size_t end = client.received.find('\n');
    if ((end == std::string::npos ? client.received.size() : end) > options_.line_bytes_max) {
      static_cast<void>(
          send_all(client.socket,
                   "! a line has at most " + std::to_string(options_.line_bytes_max) + " bytes\n"));
      return false;
    }
    if (end == std::string::npos) return true;
    std::string line = client.received.substr(0, end);
    client.received.erase(0, end + 1);
    if (line.ends_with('\r')) line.pop_back();
    if (send_all(client.socket, answer(line)) != 0) return false;
  }
}

void LineServer::serve(const std::function<std::string(std::string_view line)>& answer) {
  for (;;) {
    std::vector<pollfd> waits = {{wake_read_, POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const Client& client : clients_) waits.push_back({client.socket, POLLIN, 0});
    if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
    if (waits[0].revents != 0) return;
    for (std::size_t n = clients_.size(); n-- > 0;) {
      if (waits[n + 2].revents == 0 || hear(clients_[n], answer)) continue;
      ::close(clients_[n].socket);
      clients_.erase(clients_.begin() + static_cast<std::ptrdiff_t>(n));
    }
    if (waits[1].revents != 0) take_client();
  }
}

// ---- The client.

Result<LineClient> LineClient::connect(const std::string& path) {
  const auto address = address_of(path);
  if (!address) return std::unexpected(address.error());
  const auto socket = new_socket();
  if (!socket) return std::unexpected(socket.error());
  if (const int error = connect_to(*socket, *address); error != 0) {
    ::close(*socket);
    return std::unexpected(error);
  }
  return LineClient(*socket);
}

LineClient::LineClient(LineClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)) {}

LineClient::~LineClient() {
  if (socket_ >= 0) ::close(socket_);
}

int LineClient::send(std::string_view line) { return send_all(socket_, std::string(line) + "\n"); }

Result<std::string> LineClient::receive() {
  for (;;) {
    const std::size_t end = received_.find('\n');
    if (end != std::string::npos) {
      std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return line;
    }
    const auto count = read_more(socket_, received_);
    if (!count) return std::unexpected(count.error());
    if (*count == 0) return std::unexpected(ECONNRESET);
  }
}

}  // namespace moonlet::base::os
