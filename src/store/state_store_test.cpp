#include "store/state_store.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace moonlet::store {
namespace {

class Folder {
 public:
  Folder() {
    std::string pattern = testing::TempDir() + "/store-XXXXXX";
    path = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

TEST(FolderStore, KeepsStatesByName) {
  Folder folder;
  auto store = make_folder_store(folder.path + "/deep/er/");
  EXPECT_TRUE(store->list()->empty());
  ASSERT_TRUE(store->put("b", "two"));
  ASSERT_TRUE(store->put("a", std::string("\0one", 4)));
  ASSERT_TRUE(store->put("b", "three"));
  EXPECT_EQ(*store->list(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(*store->get("a"), std::string("\0one", 4));
  EXPECT_EQ(*store->get("b"), "three");
  EXPECT_EQ(store->get("c").error(), "there is no state c in " + folder.path + "/deep/er");
}

TEST(FolderStore, WhatWasNotFinishedIsNoState) {
  Folder folder;
  auto store = make_folder_store(folder.path);
  std::ofstream(folder.path + "/a.state.new-abcdef") << "half";
  EXPECT_TRUE(store->list()->empty());
}

TEST(FolderStore, NamesStayInTheFolder) {
  Folder folder;
  auto store = make_folder_store(folder.path);
  for (const char* name : {"", "../x", "a/b", ".hidden", "a b", "$(x)", "-rf"}) {
    EXPECT_FALSE(store->put(name, "x")) << name;
    EXPECT_FALSE(store->get(name)) << name;
  }
  EXPECT_TRUE(store->put("order-42:eu.1_x", "x"));
}

TEST(FileStore, HoldsOneState) {
  Folder folder;
  auto store = make_file_store(folder.path + "/s");
  ASSERT_TRUE(store->put("whatever", "x"));
  EXPECT_EQ(*store->get(""), "x");
  EXPECT_TRUE(store->holds_one());
  EXPECT_FALSE(make_file_store(folder.path + "/no/s")->put("", "x"));
}

TEST(FileStore, OneAtATimeGoesOnWithAState) {
  Folder folder;
  auto store = make_file_store(folder.path + "/s");
  EXPECT_EQ(*store->lock(""), nullptr);
  ASSERT_TRUE(store->put("", "x"));
  {
    auto lock = store->lock("");
    ASSERT_TRUE(lock);
    ASSERT_NE(*lock, nullptr);
    EXPECT_EQ(make_file_store(folder.path + "/s")->lock("").error(),
              "another process is going on with " + folder.path +
                  "/s; wait for its end, or resume a copy of the state");
    // Looking is free, and a state that was put in its place is another.
    EXPECT_EQ(*store->get(""), "x");
    ASSERT_TRUE(store->put("", "y"));
    EXPECT_NE(*store->lock(""), nullptr);
  }
  EXPECT_NE(*store->lock(""), nullptr);
}

TEST(FolderStore, EachStateHasItsLock) {
  Folder folder;
  auto store = make_folder_store(folder.path);
  ASSERT_TRUE(store->put("a", "x"));
  ASSERT_TRUE(store->put("b", "x"));
  auto a = store->lock("a");
  EXPECT_NE(*store->lock("b"), nullptr);
  EXPECT_FALSE(store->lock("a"));
  EXPECT_FALSE(store->lock("../a"));
}

TEST(CommandStore, RunsItsCommands) {
  Folder folder;
  StateCommands commands;
  commands.put = "cat >$MOONLET_STATE.kept";
  commands.get = "cat $MOONLET_STATE.kept";
  commands.list = "ls | sed 's/.kept$//'";
  commands.folder = folder.path;
  auto store = make_command_store(commands);
  ASSERT_TRUE(store->put("a", std::string(200'000, 'x')));
  ASSERT_TRUE(store->put("b", "y"));
  EXPECT_EQ(*store->list(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(store->get("a")->size(), 200'000u);
  EXPECT_NE(store->get("c").error().find("get (cat $MOONLET_STATE.kept) failed: "),
            std::string::npos);
  EXPECT_FALSE(store->put("a; rm -r .", "x"));
}

TEST(CommandStore, SaysWhatFailed) {
  StateCommands commands;
  commands.put = "echo full >&2; exit 3";
  commands.get = "true";
  commands.timeout_ms = 50;
  EXPECT_EQ(make_command_store(commands)->put("a", "x").error(),
            "put (echo full >&2; exit 3) failed: full");
  EXPECT_EQ(make_command_store(commands)->get("a").error(),
            "there is no state a: get (true) wrote nothing");
  EXPECT_FALSE(make_command_store(commands)->list());
  commands.get = "sleep 5";
  EXPECT_EQ(make_command_store(commands)->get("a").error(),
            "get (sleep 5) failed: it took more than 50 ms");
}

}  // namespace
}  // namespace moonlet::store
