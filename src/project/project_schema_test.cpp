// docs/formats/project.schema.json says the same as the readers do.
#include <set>

#include <gtest/gtest.h>

#include "project/project.hpp"
#include "project/schema_walk.hpp"

namespace moonlet::project {
namespace {

const std::string kRoot = MOONLET_SOURCE_DIR;

Value read(const std::string& path) {
  auto document = Document::read(kRoot + "/" + path);
  EXPECT_TRUE(document) << document.error();
  return document->root;
}

// Each member that a schema names, as "cli.exec" or "log.level", with the name of its definition.
void collect(const Value& schema, const std::string& place, std::set<std::string>& out) {
  if (const Value* properties = schema.find("properties")) {
    for (const Member& member : *properties->object()) {
      out.insert(place + member.name);
      collect(member.value, place + member.name + ".", out);
    }
  }
  for (const char* word : {"additionalProperties", "items"}) {
    if (const Value* below = schema.find(word); below != nullptr) collect(*below, place, out);
  }
  if (const Value* list = schema.find("anyOf")) {
    for (const Value& one : *list->array()) collect(one, place, out);
  }
}

// Names of all members at any depth.
void collect_names(const Value& value, std::set<std::string>& out) {
  if (const Value::Object* record = value.object()) {
    for (const Member& member : *record) {
      out.insert(member.name);
      collect_names(member.value, out);
    }
  } else if (const Value::Array* list = value.array()) {
    for (const Value& one : *list) collect_names(one, out);
  }
}

TEST(ProjectSchema, AcceptsWhatTheReaderAccepts) {
  const Schema schema = *Schema::make(read("docs/formats/project.schema.json"));
  for (const char* file :
       {"tests/project/full.moonlet.json", "examples/order/order.moonlet.json",
        "examples/approval/approval.moonlet.json", "examples/fanout/fanout.moonlet.json",
        "examples/poller/poller.moonlet.json", "examples/chat/chat.moonlet.json"}) {
    auto project = load_project(kRoot + "/" + file);
    ASSERT_TRUE(project) << file << ": " << project.error().errors[0];
    EXPECT_TRUE(project->notes.empty()) << project->notes[0];
    Value value = project->document.root;
    auto done = schema.fit(value);
    EXPECT_TRUE(done) << file << ": " << path_text("it", done.error().path) << " "
                      << done.error().what;
  }
}

TEST(ProjectSchema, EveryMemberOfItIsInTheFullProject) {
  const Value schema = read("docs/formats/project.schema.json");
  std::set<std::string> members;
  collect(schema, "", members);
  for (const Member& definition : *schema.find("definitions")->object()) {
    collect(definition.value, "", members);
  }
  std::set<std::string> names;
  collect_names(read("tests/project/full.moonlet.json"), names);
  for (const std::string& member : members) {
    EXPECT_TRUE(names.contains(member.substr(member.rfind('.') + 1))) << member;
  }
}

TEST(ProjectSchema, RefusesWhatTheReaderRefuses) {
  const Schema schema = *Schema::make(read("docs/formats/project.schema.json"));
  for (const char* text :
       {R"({"scripts": []})", R"({"scripts": {"s": 1}})", R"({"handlers": {"h": {}}})",
        R"({"hostFunctions": {"f": {"cli": {}}}})", R"({"state": {"backend": "redis"}})",
        R"({"runtime": {"limits": {"memory": 0}}})", R"({"scenarios": {"s": {"cases": []}}})"}) {
    Value value = *from_json(text);
    EXPECT_FALSE(schema.fit(value)) << text;
  }
}

}  // namespace
}  // namespace moonlet::project
