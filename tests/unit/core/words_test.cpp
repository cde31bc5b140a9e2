// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/words.hpp"

#include <gmock/gmock.h>

namespace rescue {
namespace {

enum class Colour { red, dark_green };
constexpr auto words_of(Colour) { return words<Colour>("red", "dark-green"); }

static_assert(name_of(Colour::dark_green) == "dark-green");
static_assert(parse_word<Colour>("red") == Colour::red);
static_assert(words_detail::is_enumerator<Colour::dark_green>());
static_assert(!words_detail::is_enumerator<static_cast<Colour>(2)>());

TEST(Words, AreUnknownForWhatIsNoEnumeratorAndNoWord) {
  EXPECT_EQ(name_of(static_cast<Colour>(2)), "unknown");
  EXPECT_EQ(name_of(static_cast<Colour>(-1)), "unknown");
  EXPECT_EQ(parse_word<Colour>("Red"), std::nullopt);
  EXPECT_EQ(parse_word<Colour>(""), std::nullopt);
}

TEST(Words, AreTheChoicesInTheirOrder) { EXPECT_THAT(choices<Colour>(), testing::ElementsAre("red", "dark-green")); }

}  // namespace
}  // namespace rescue
