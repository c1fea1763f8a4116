#include "moonlet/image_store.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"

namespace moonlet {
namespace {

namespace fs = std::filesystem;

const std::string kNoHash(64, '0');

Image compiled(const Engine& engine, const std::string& answer) {
  ImageOptions options;
  options.sources = {
      {"m", "return {main = function() return sys.invoke('f') .. " + answer + " end}", "m.lua"}};
  return *Image::compile(engine, options);
}

// The state of a Vm of the image that waits.
std::string waiting(const Image& image) {
  Vm vm = *image.fork();
  EXPECT_TRUE(vm.start("m", {"main"}, {}));
  EXPECT_TRUE(std::holds_alternative<Suspended>(vm.run()));
  return *vm.freeze();
}

std::string answered(Vm vm) {
  EXPECT_TRUE(vm.resume(vm.pending()->id, {"from "}));
  return *std::get<Finished>(vm.run()).values[0].string();
}

class ImageStoreFolder : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              (std::string("moonlet_store_") +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path file_of(const Image& image) const { return folder_ / (image.hash() + ".image"); }
  fs::path folder_;
};

TEST(ImageStore, FindsInMemoryWhatWasAdded) {
  const Engine engine = *Engine::make();
  ImageStore store(engine);
  const Image one = compiled(engine, "'one'");
  const std::string state = waiting(one);
  EXPECT_EQ(*Vm::image_hash(state), one.hash());
  EXPECT_EQ(Vm::thaw(store, state).error(),
            "the state needs an image: image " + one.hash() + " is not in the store");
  ASSERT_TRUE(store.add(one));
  ASSERT_TRUE(store.add(one));
  ASSERT_TRUE(store.add(compiled(engine, "'two'")));
  EXPECT_EQ(answered(*Vm::thaw(store, state)), "from one");
  EXPECT_EQ(Vm::thaw(store, "nonsense").error(), "this is not the state of a Moonlet program");
}

TEST_F(ImageStoreFolder, KeepsImagesForOtherProcesses) {
  std::string state;
  {
    const Engine engine = *Engine::make();
    ImageStore store(engine, folder_ / "deep" / "er");
    const Image image = compiled(engine, "'afar'");
    state = waiting(image);
    ASSERT_TRUE(store.add(image));
  }
  const Engine engine = *Engine::make();
  const ImageStore store(engine, folder_ / "deep" / "er");
  EXPECT_EQ(answered(*Vm::thaw(store, state)), "from afar");
}

TEST_F(ImageStoreFolder, SaysWhatIsMissing) {
  const Engine engine = *Engine::make();
  const ImageStore store(engine, folder_);
  EXPECT_EQ(store.find(kNoHash).error(), "image " + kNoHash + " is not in " + folder_.string());
  EXPECT_EQ(store.find("../etc/passwd").error(), "\"../etc/passwd\" is not a hash");
}

TEST_F(ImageStoreFolder, RefusesAndReplacesDamagedFiles) {
  const Engine engine = *Engine::make();
  ImageStore store(engine, folder_);
  const Image image = compiled(engine, "'1'");
  ASSERT_TRUE(store.add(image));
  std::ofstream(file_of(image), std::ios::app) << "x";
  EXPECT_EQ(store.find(image.hash()).error(),
            file_of(image).string() + " is damaged: its content has another hash");
  ASSERT_TRUE(store.add(image));
  EXPECT_EQ(store.find(image.hash())->bytes(), image.bytes());
}

TEST_F(ImageStoreFolder, RefusesWhatIsNoImage) {
  const Engine engine = *Engine::make();
  const ImageStore store(engine, folder_);
  // The name is right, so only the content is wrong.
  constexpr char kHashOfNothing[] =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  fs::create_directories(folder_);
  std::ofstream(folder_ / (std::string(kHashOfNothing) + ".image")).flush();
  EXPECT_NE(store.find(kHashOfNothing).error().find("this is not a Moonlet image"),
            std::string::npos);
}

TEST_F(ImageStoreFolder, SaysWhatCannotBeWritten) {
  const Engine engine = *Engine::make();
  std::ofstream(folder_) << "a file where the folder should be";
  ImageStore store(engine, folder_);
  const Image image = compiled(engine, "'1'");
  EXPECT_EQ(store.add(image).error(),
            "cannot write " + file_of(image).string() + ": Not a directory");
}

TEST_F(ImageStoreFolder, SharesWhatIsLoaded) {
  const Engine engine = *Engine::make();
  ImageStore store(engine, folder_);
  const Image image = compiled(engine, "'1'");
  ASSERT_TRUE(store.add(image));
  const Image first = *store.find(image.hash());
  fs::remove(file_of(image));
  EXPECT_TRUE(store.find(image.hash()));
}

}  // namespace
}  // namespace moonlet
