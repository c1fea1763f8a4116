// Lines of text between processes of one machine and one user, over a socket that is a file.
#pragma once

#include <atomic>
#include <cstddef>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/os/file.hpp"

namespace moonlet::base::os {

struct LineServerOptions {
  std::size_t line_bytes_max = 65'536;  // a client that sends a longer line is told, and closed
  std::size_t clients_max = 8;          // further ones are told, and closed
};

// Only the owner of the file may connect (mode 0600). One thread serves all clients, one line after
// the other.
class LineServer {
 public:
  // A file that a server has left which is no more is replaced; one that is served, or no socket,
  // is an error.
  [[nodiscard]] static Result<LineServer> open(const std::string& path,
                                               const LineServerOptions& options = {});
  LineServer(LineServer&& other) noexcept;
  LineServer& operator=(LineServer&&) = delete;
  ~LineServer();  // removes the file

  // Gives each line, without its end, to `answer`, and sends what that gives. Returns after stop().
  void serve(const std::function<std::string(std::string_view line)>& answer);
  // From any thread.
  void stop();

 private:
  struct Client {
    Descriptor socket;
    std::string received;
  };
  LineServer(std::string path, const LineServerOptions& options, Descriptor listener,
             Descriptor wake_read, Descriptor wake_write);
  void take_client();
  // False: it has gone, or has to.
  bool hear(Client& client, const std::function<std::string(std::string_view line)>& answer);

  std::string path_;
  LineServerOptions options_;
  Descriptor listener_;
  Descriptor wake_read_;
  Descriptor wake_write_;
  std::vector<Client> clients_;
};

// One client of such a server.
class LineClient {
 public:
  [[nodiscard]] static Result<LineClient> connect(const std::string& path);
  LineClient(LineClient&& other) noexcept;
  LineClient& operator=(LineClient&&) = delete;
  ~LineClient();

  // 0, or an error number.
  [[nodiscard]] int send(std::string_view line);
  // The next line, without its end; an error number, of a server that has gone ECONNRESET.
  [[nodiscard]] Result<std::string> receive();

 private:
  explicit LineClient(Descriptor socket) : socket_(socket) {}
  Descriptor socket_;
  std::string received_;
};

}  // namespace moonlet::base::os
