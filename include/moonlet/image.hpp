// Images: compiled sources and the state after their main chunks have run, from which Vms are
// forked.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "moonlet/allocator.hpp"
#include "moonlet/engine.hpp"
#include "moonlet/host.hpp"
#include "moonlet/limits.hpp"
#include "moonlet/value.hpp"

namespace moonlet {

namespace api {
struct ImageRecord;
class StoredImages;
}  // namespace api

// The language of an image.
enum class Dialect : std::uint8_t { Lua54, Luau };
// Luau, of a file that ends in ".luau"; else Lua 5.4.
[[nodiscard]] Dialect dialect_of_file(std::string_view file_name);

// Which libraries exist in an image. Safe, for scripts of others: coroutine, debug, math, os
// (clock, date, difftime, time), string, table, utf8, base64, hash, json, utc, uuid, and no
// function that reads files. All: also io, package and the rest of os; the last five by require
// alone. `names` restricts either set to the base library and those;
// empty: all of the set.
enum class LibrarySet : std::uint8_t { Safe, All };
struct Libraries {
  LibrarySet set = LibrarySet::Safe;
  std::vector<std::string> names;
};

struct Source {
  std::string name;       // of the module: what Vm::start() calls it; no two have the same
  std::string text;       // Lua; a byte order mark, and a first line with # in front, are skipped
  std::string file_name;  // for messages; empty: the name
};

// Answers a module that a main chunk requires, by the name that it gives; the error says where it
// was looked for. Called on the thread that compiles the image.
using ModuleFinder = std::function<std::expected<Source, std::string>(std::string_view name)>;

struct ImageOptions {
  std::vector<Source> sources;
  // Of all sources. In Luau each main chunk has globals of its own in front of the library's, which
  // nobody can change.
  Dialect dialect = Dialect::Lua54;
  Libraries libraries;
  // Global table of the functions for agents: invoke, emit, log, config, export (docs/cli.md).
  // Empty: none.
  std::string agent_namespace = "sys";
  // With it there is a global `require`: it gives what the main chunk of that name returned, a
  // library, or what the module returns that is found here and becomes part of the image. Once the
  // image is made, nothing is found any more: a program has the modules that its main chunks
  // required.
  ModuleFinder find_module;
  // Of the main chunks; forks have limits of their own.
  Limits limits;
  // Where the main chunks' print goes; nullptr: nowhere.
  Host* host = nullptr;
  // Of the program while its main chunks run; nullptr: the process's. The image has everything of
  // its own.
  Allocator* allocator = nullptr;
};

// The stand-alone interpreter's.
struct StandaloneOptions {
  Dialect dialect = Dialect::Lua54;
  bool is_sandboxed = true;  // in Luau; false: scripts can change the library and its globals
};

struct ForkOptions {
  Host* host = nullptr;               // nullptr: process_host(). Outlives the Vm
  std::string id;                     // of the Vm; empty: a random one
  std::optional<std::uint64_t> seed;  // of math.random; nothing: from the host's entropy
  // Stricter ones that the Vm has which is forked, sealed or thawed stay; Vm::set_limits() can
  // raise them. A fork that is larger to begin with than its memory limit fails at its first call.
  Limits limits;
  // Of the Vm's memory; nullptr: the process's. It is not inherited: a fork of a Vm has the one
  // that it is given.
  Allocator* allocator = nullptr;
  Value config;  // what sys.config() shows. Not part of a state
};

// A handle; copies are the same image. Immutable, usable from any thread.
class Image {
 public:
  // Compiles the sources and runs their main chunks in order, all with the same globals; what each
  // returns can be reached with Vm::start(). Commands and errors of main chunks are errors; clock
  // and entropy answer 0. Nothing bounds what a main chunk takes: one that does not end, does not
  // return.
  [[nodiscard]] static std::expected<Image, std::string> compile(const Engine& engine,
                                                                 const ImageOptions& options);
  // The stand-alone interpreter: see docs/cli.md. Its Vms start with one argument, its options.
  [[nodiscard]] static std::expected<Image, std::string> standalone(
      const Engine& engine, const StandaloneOptions& options = {});

  // The image as bytes (docs/formats/image.md), the same on every platform, and back. They are
  // checked in full: the error says what is wrong with them.
  const std::string& bytes() const;
  [[nodiscard]] static std::expected<Image, std::string> load(const Engine& engine,
                                                              std::string_view bytes);

  Dialect dialect() const;

  // SHA-256 of bytes(), in 64 hexadecimal digits. States name their image by it.
  const std::string& hash() const;

  // The same handle's copies. Others may have the same hash().
  friend bool operator==(const Image& a, const Image& b) { return a.record_ == b.record_; }

  // A Vm of its own, idle. It is at rest until it is used (Vm::rest()): then the template is
  // copied.
  [[nodiscard]] std::expected<Vm, std::string> fork(const ForkOptions& options = {}) const;

 private:
  friend class Vm;
  friend class EntryPoint;
  friend class api::StoredImages;
  explicit Image(std::shared_ptr<const api::ImageRecord> record) : record_(std::move(record)) {}
  std::shared_ptr<const api::ImageRecord> record_;
};

// Where Vm::start() finds a function, looked for in the image once instead of in each call. A
// handle; copies are the same. Usable from any thread, and with Vms of other images as well: there
// it is a path like any other.
class EntryPoint {
 public:
  // The function need not exist: start() says so.
  EntryPoint(const Image& image, std::string module, std::vector<std::string> path);
  const Image& image() const;
  const std::string& module() const;
  const std::vector<std::string>& path() const;

 private:
  friend class Vm;
  struct Content;
  std::shared_ptr<const Content> content_;
};

}  // namespace moonlet
