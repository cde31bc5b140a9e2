// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/disk/reparse_point.hpp"
#include "core/error.hpp"
#include "orchestrator/files/protocol.hpp"
#include "orchestrator/files/volume_path.hpp"
#include "orchestrator/files/volume_reader.hpp"
#include "tests/doubles/thrown.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <initializer_list>
#include <limits>
#include <string_view>
#include <vector>

namespace rescue::tests {
namespace {

using namespace files;

disk::FileEntry an_entry() {
  return {"ö.txt", disk::EntryKind::file, disk::entry_sparse, 5'000'000'000, -11'644'473'600, 999'999'900, "why", 77};
}

std::string without_length(const std::string& message) { return message.substr(length_bytes); }

TEST(FilesProtocol, ReadsBackWhatItWrites) {
  const Request request{Operation::read, 7, std::numeric_limits<std::uint64_t>::max(), 1000, {}};
  EXPECT_EQ(decode_request(without_length(encode(request))), request);
  Request path;
  path.operation = Operation::list;
  path.path = "Users/mé";
  EXPECT_EQ(decode_request(without_length(encode(path))), path);
  Answer answer;
  answer.kind = AnswerKind::entries;
  answer.entries = {an_entry(), {}};
  EXPECT_EQ(decode_answer(without_length(encode(answer))), answer);
  answer = {};
  answer.kind = AnswerKind::failed;
  answer.code = ErrorCode::disk;
  answer.bytes = "broken";
  EXPECT_EQ(decode_answer(without_length(encode(answer))), answer);
  EXPECT_EQ(length_of(encode(answer).substr(0, length_bytes), largest_answer), encode(answer).size() - length_bytes);
}

TEST(FilesProtocol, RefusesEveryCutMessage) {
  Answer answer;
  answer.kind = AnswerKind::handle;
  answer.entries = {an_entry()};
  const auto message = without_length(encode(answer));
  for (std::size_t size = 0; size < message.size(); ++size) {
    EXPECT_EQ(error_of([&] { (void)decode_answer(message.substr(0, size)); }).code(), ErrorCode::io) << size;
  }
  auto longer = message;
  longer.push_back('x');
  EXPECT_EQ(error_of([&] { (void)decode_answer(longer); }).code(), ErrorCode::io);
}

TEST(FilesProtocol, RefusesReadsWithoutBoundsAndLengthsBeyondTheLimit) {
  for (const auto length : {std::uint32_t{0}, static_cast<std::uint32_t>(largest_read) + 1}) {
    const auto message = without_length(encode(Request{Operation::read, 1, 0, length, {}}));
    EXPECT_EQ(error_of([&] { (void)decode_request(message); }).code(), ErrorCode::io) << length;
  }
  EXPECT_EQ(error_of([] { (void)length_of(std::string(4, '\xff'), largest_answer); }).code(), ErrorCode::io);
  EXPECT_EQ(error_of([] { (void)length_of(std::string(4, '\0'), largest_answer); }).code(), ErrorCode::io);
}

TEST(VolumeReader, TakesNoAnswerThatWasNotAskedFor) {
  Answer data;
  data.kind = AnswerKind::data;
  data.bytes = "more than asked for";
  const std::vector<std::string> all{encode(data), encode(Answer{}), std::string(4, '\xff'), ""};
  for (const auto& bytes : all) {
    auto [ours, theirs] = socket_pair();
    ASSERT_EQ(::write(theirs.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    ::shutdown(theirs.get(), SHUT_WR);
    VolumeReader reader(std::move(ours));
    EXPECT_EQ(error_of([&] { (void)reader.read(1, 0, 4); }).code(), ErrorCode::subprocess);
  }
}

TEST(VolumePath, UnderstandsHowPeopleNameFiles) {
  const auto path = [](const char* text) { return parse_volume_path(text); };
  EXPECT_EQ(path("c:\\Users\\me\\"), (VolumePath{"C", "", {}, "Users/me"}));
  EXPECT_EQ(path("D:"), (VolumePath{"D", "", {}, ""}));
  EXPECT_EQ(path("/dev/sda:3:/Users"), (VolumePath{"", "/dev/sda", 3, "Users"}));
  EXPECT_EQ(path("/dev/disk/by-id/x:3"), (VolumePath{"", "/dev/disk/by-id/x", 3, ""}));
  EXPECT_EQ(path("3:/a//b/./c/../d"), (VolumePath{"", "", 3, "a/b/d"}));
  EXPECT_EQ(path("/../../x"), (VolumePath{"", "", {}, "x"}));
  EXPECT_EQ(path(""), VolumePath{});
  for (const auto* const wrong : {"/dev/sda", "/dev/sda:x:/", "CC:\\", "file:stream"}) {
    EXPECT_EQ(error_of([&] { (void)path(wrong); }).code(), ErrorCode::usage) << wrong;
  }
}

TEST(VolumePath, RefusesNamesThatLeadElsewhere) {
  using Names = std::initializer_list<std::string_view>;
  for (const auto name : Names{"", ".", "..", "a/b", "/", std::string_view("a\0b", 3)}) {
    EXPECT_FALSE(is_local_name(name)) << name;
  }
  EXPECT_TRUE(is_local_name("..."));
  EXPECT_TRUE(is_local_name("a\\b"));
}

TEST(ReparsePoint, SurvivesAnyLengthAndOffset) {
  std::string bytes("\x0c\x00\x00\xa0\x20\x00\x00\x00", 8);
  EXPECT_EQ(disk::parse_reparse_point(bytes).target, "");
  EXPECT_EQ(disk::parse_reparse_point("\x0c").tag, 0U);
  bytes.append(8, '\xff').append(12, 'x');
  EXPECT_EQ(disk::parse_reparse_point(bytes).target, "") << "offset and length are outside";
}

TEST(ReparsePoint, KeepsNamesApartThatAreNoUnicode) {
  EXPECT_EQ(disk::utf8_of_utf16(std::string_view("\x3d\xd8\x00\xde", 4)), "\xf0\x9f\x98\x80");
  EXPECT_EQ(disk::utf8_of_utf16(std::string_view("\x3d\xd8", 2)), "\xed\xa0\xbd");
  EXPECT_NE(disk::utf8_of_utf16(std::string_view("\x3e\xd8", 2)), disk::utf8_of_utf16(std::string_view("\x3d\xd8", 2)));
}

}  // namespace
}  // namespace rescue::tests
