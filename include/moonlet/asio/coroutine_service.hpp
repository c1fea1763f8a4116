// Asynchronous host functions as coroutines on Boost.Asio, and jobs that coroutines wait for.
// Everything else of Moonlet can be used without Boost.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include "moonlet/runtime/script_runner.hpp"
#include "moonlet/runtime/services.hpp"

namespace moonlet::runtime {

using CoroutineFunction =
    std::function<boost::asio::awaitable<HostResult>(std::shared_ptr<const AsyncCall> call)>;

// A host function that is a coroutine: it may co_await timers, sockets, anything of Asio's. When
// nobody wants its answer any more, or its time is over, it is cancelled (terminal). An exception
// is an error of the script. Each call runs on a strand of its own of `executor`.
inline void add_coroutine(Services& services, std::string name,
                          boost::asio::any_io_executor executor, CoroutineFunction function,
                          const ServiceOptions& options = {}) {
  namespace asio = boost::asio;
  struct Running {
    CoroutineFunction function;  // its captures are the coroutine's
    asio::cancellation_signal cancel;
    std::optional<Responder> respond;
    std::optional<std::stop_callback<std::function<void()>>> on_stop;
  };
  services.add(
      std::move(name),
      [executor = std::move(executor), function = std::move(function)](AsyncCall call,
                                                                       Responder respond) {
        auto running = std::make_shared<Running>();
        running->function = function;
        running->respond.emplace(std::move(respond));
        auto shared = std::make_shared<const AsyncCall>(std::move(call));
        const auto strand = asio::make_strand(executor);
        // On the strand, so that cancelling and ending do not meet.
        asio::dispatch(strand, [strand, running, shared] {
          asio::co_spawn(
              strand, running->function(shared),
              asio::bind_cancellation_slot(
                  running->cancel.slot(), [running](std::exception_ptr error, HostResult result) {
                    running->on_stop.reset();
                    if (error) {
                      try {
                        std::rethrow_exception(error);
                      } catch (const std::exception& e) {
                        result = std::unexpected(Value(std::string(e.what())));
                      } catch (...) {
                        result = std::unexpected(Value("the host function failed"));
                      }
                    }
                    (*running->respond)(std::move(result));
                  }));
          const std::weak_ptr<Running> weak = running;
          running->on_stop.emplace(shared->stop, [strand, weak] {
            asio::post(strand, [weak] {
              if (const auto alive = weak.lock()) {
                alive->cancel.emit(asio::cancellation_type::terminal);
              }
            });
          });
        });
      },
      options);
}

// Runs a job; completes with its result on the handler's executor:
//   JobResult result = co_await async_run(runner, job, boost::asio::use_awaitable);
template <typename Token>
auto async_run(ScriptRunner& runner, Job job, Token&& token) {
  namespace asio = boost::asio;
  return asio::async_initiate<Token, void(JobResult)>(
      [&runner](auto handler, Job wanted) {
        auto executor = asio::get_associated_executor(handler);
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        auto deliver = [executor, shared](JobResult result) {
          asio::post(executor, [shared, result = std::move(result)]() mutable {
            (*shared)(std::move(result));
          });
        };
        const auto id = runner.enqueue(std::move(wanted), deliver);
        if (id) return;
        JobResult refused;
        refused.end = JobEnd::Rejected;
        refused.rejection = id.error();
        refused.message = text_of(id.error());
        deliver(std::move(refused));
      },
      token, std::move(job));
}

}  // namespace moonlet::runtime
