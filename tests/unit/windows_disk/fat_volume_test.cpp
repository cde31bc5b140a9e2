// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/disk/fat_volume.hpp"
#include "inspected_image.hpp"

#include <gmock/gmock.h>

#include <iterator>

namespace rescue::disk {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using windows_disk::mebibyte;

/// A volume of a size, made by mtools; mtools takes FAT12, FAT16 or FAT32 by the size and an option.
class Fat : public ::testing::TestWithParam<std::pair<unsigned, std::vector<std::string>>> {
protected:
  void SetUp() override {
    image_ = std::make_unique<windows_disk::ImageFile>(GetParam().first * mebibyte);
    auto format = GetParam().second;
    format.insert(format.begin(), {"mformat", "-v", "SYSTEM"});
    format.insert(format.end(),
                  {"-T", std::to_string(GetParam().first * 2048), "-h", "16", "-s", "32", "-i", image_->path(), "::"});
    run(format);
    run({"mmd", "-i", image_->path(), "::/EFI", "::/EFI/Microsoft", "::/EFI/Microsoft/Boot"});
    add("EFI/Microsoft/Boot/bootmgfw.efi", content_);
    add("EFI/Microsoft/Boot/A long name of a file, Größe.txt", "long");
    add("EFI/Microsoft/Boot/EMPTY", "");
  }
  void add(const std::string& path, const std::string& content) const {
    const auto file = folder_.write("source", content);
    run({"mcopy", "-o", "-i", image_->path(), file, "::/" + path});
  }
  static void run(std::vector<std::string> argv) {
    Command command;
    command.argv = std::move(argv);
    command.environment = {"MTOOLS_SKIP_CHECK=1", "LC_ALL=C.UTF-8"};
    run_checked(command);
  }
  /// Descriptor and volume of the image, as it is now.
  struct Opened {
    explicit Opened(const std::string& path)
        : file(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), bytes(file.get()), volume(bytes, 0, bytes.size()) {}
    FileDescriptor file;
    DiskDescriptor bytes;
    FatVolume volume;
  };
  [[nodiscard]] Opened opened() const { return Opened(image_->path()); }

  std::string content_ = [] {
    std::string bytes;
    for (int i = 0; i < 100'000; ++i) bytes += static_cast<char>(i * 7 + i / 256);
    return bytes;
  }();
  tests::ScratchFolder folder_;
  std::unique_ptr<windows_disk::ImageFile> image_;
};

TEST_P(Fat, IsRead) {
  const auto it = opened();
  EXPECT_EQ(it.volume.read("EFI/Microsoft/Boot/bootmgfw.efi", mebibyte), content_);
  EXPECT_EQ(it.volume.read("/efi/MICROSOFT/boot/BOOTMGFW.EFI", mebibyte), content_) << "without regard to case";
  EXPECT_EQ(it.volume.read("EFI/Microsoft/Boot/A long name of a file, Größe.txt", 100), "long");
  EXPECT_EQ(it.volume.read("EFI/Microsoft/Boot/EMPTY", 100), "");
  EXPECT_EQ(it.volume.size_of("EFI/Microsoft/Boot/bootmgfw.efi"), content_.size());
  EXPECT_THAT(it.volume.names_in("EFI/Microsoft/Boot"),
              UnorderedElementsAre("bootmgfw.efi", "A long name of a file, Größe.txt", "EMPTY"));
  EXPECT_THAT(it.volume.names_in(""), Contains("EFI")) << "and no label of the volume";
}

TEST_P(Fat, ReadsAFileThatIsInPieces) {
  const auto first = content_.substr(0, 10'000);
  add("one", first);
  add("two", content_.substr(0, 20'000));
  run({"mdel", "-i", image_->path(), "::/one"});
  add("three", content_.substr(1));
  const auto it = opened();
  EXPECT_EQ(it.volume.read("three", mebibyte), content_.substr(1));
  EXPECT_EQ(it.volume.read("two", mebibyte), content_.substr(0, 20'000));
}

TEST_P(Fat, ListsFilesAndFolders) {
  const auto it = opened();
  const auto root = it.volume.items_in("");
  ASSERT_EQ(root.size(), 1U);
  EXPECT_EQ(root[0].name, "EFI");
  EXPECT_TRUE(root[0].folder);
  for (const auto& item : it.volume.items_in("EFI/Microsoft/Boot")) {
    EXPECT_FALSE(item.folder);
    EXPECT_EQ(item.bytes, it.volume.size_of("EFI/Microsoft/Boot/" + item.name)) << item.name;
  }
  EXPECT_THAT(it.volume.items_in("nothing"), IsEmpty());
}

TEST_P(Fat, HasNoOtherFiles) {
  const auto it = opened();
  EXPECT_FALSE(it.volume.read("EFI/Microsoft/Boot/BCD", 100).has_value());
  EXPECT_FALSE(it.volume.read("EFI", 100).has_value()) << "a folder";
  EXPECT_FALSE(it.volume.read("EFI/Microsoft/Boot/bootmgfw.efi/x", 100).has_value());
  EXPECT_FALSE(it.volume.read("EFI/Microsoft/Boot/bootmgfw.efi", 99'999).has_value()) << "too large";
  EXPECT_FALSE(it.volume.size_of("EFI/..").has_value());
  EXPECT_THAT(it.volume.names_in("nothing"), IsEmpty());
}

TEST_P(Fat, EndsALoopOfClusters) {
  // Every entry of the FAT points to the cluster after the folders: each chain loops there.
  std::fstream file(image_->path(), std::ios::binary | std::ios::in | std::ios::out);
  std::string boot(512, '\0');
  file.read(boot.data(), 512);
  std::uint16_t reserved = 0;
  std::memcpy(&reserved, boot.data() + 14, 2);
  std::string pattern;
  for (int i = 0; i < 4096; ++i) pattern += std::string("\x05\x00\x00\x00", 4);
  file.seekp(reserved * 512 + 16);
  file << pattern;
  file.close();
  const auto it = opened();
  const auto content = it.volume.read("EFI/Microsoft/Boot/bootmgfw.efi", mebibyte);
  EXPECT_EQ(content.value_or(content_).size(), content_.size()) << "a loop gives wrong bytes, and no more of them";
  EXPECT_LE(it.volume.names_in("EFI/Microsoft/Boot").size(), 4096U);
}

TEST_P(Fat, IsRefusedIfItsFirstSectorIsDamaged) {
  for (const std::size_t place : {11U, 13U, 14U, 16U}) {
    const windows_disk::ImageFile copy(mebibyte);
    std::filesystem::copy_file(image_->path(), copy.path(), std::filesystem::copy_options::overwrite_existing);
    copy.put(place, std::string(2, '\0'));
    EXPECT_THROW((void)Opened(copy.path()), Error) << place;
  }
}

TEST_P(Fat, SurvivesAnyByteOfItsFirstSector) {
  for (std::size_t place = 11; place < 48; ++place) {
    for (const char* const value : {"\xff", "\x7f", "\x03"}) {
      const windows_disk::ImageFile copy(mebibyte);
      std::filesystem::copy_file(image_->path(), copy.path(), std::filesystem::copy_options::overwrite_existing);
      copy.put(place, value);
      try {
        const Opened it(copy.path());
        const auto content = it.volume.read("EFI/Microsoft/Boot/bootmgfw.efi", mebibyte);
        EXPECT_LE(content.value_or("").size(), mebibyte);
      } catch (const Error&) {
      }
    }
  }
}

TEST(SmallFat32, IsFat32ByItsFieldsAsFirmwareTakesIt) {
  const windows_disk::ImageFile image(40 * mebibyte);
  Command command;
  command.argv = {"mkfs.fat", "-F", "32", "-s", "8", image.path()};  // some 10,000 clusters
  run_checked(command);
  // mtools refuses such a volume: the entry is written here, at the root's first cluster.
  std::ifstream boot(image.path(), std::ios::binary);
  std::string bytes_of_boot(512, '\0');
  boot.read(bytes_of_boot.data(), 512);
  std::uint16_t reserved = 0;
  std::uint32_t fat_sectors = 0;
  std::memcpy(&reserved, bytes_of_boot.data() + 14, sizeof reserved);
  std::memcpy(&fat_sectors, bytes_of_boot.data() + 36, sizeof fat_sectors);
  image.put((reserved + std::uint64_t{2} * fat_sectors) * 512, "BCD        \x20");
  const FileDescriptor file(::open(image.path().c_str(), O_RDONLY | O_CLOEXEC));
  const DiskDescriptor bytes(file.get());
  EXPECT_THAT(FatVolume(bytes, 0, bytes.size()).names_in(""), Contains("BCD"));
}

INSTANTIATE_TEST_SUITE_P(OfEachWidth, Fat,
                         ::testing::Values(std::pair(4U, std::vector<std::string>{}),
                                           std::pair(64U, std::vector<std::string>{"-c", "4"}),
                                           std::pair(64U, std::vector<std::string>{"-F", "-c", "1"})));

}  // namespace
}  // namespace rescue::disk
