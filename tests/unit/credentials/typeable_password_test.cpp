// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The `typeable` form of a password, checked against the keyboard layouts that X11 compiles.

#include "core/subprocess.hpp"
#include "credentials/password.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cmath>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <string_view>

namespace rescue::tests {
namespace {

constexpr int many = 3000;
constexpr std::size_t length = 25;

Secret typeable() {
  credentials::PasswordPolicy policy;
  policy.form = credentials::PasswordForm::typeable;
  return credentials::generate_password(policy);
}

/// Key and level (1: plain, 2: with Shift) of each character that a layout has there.
struct Stroke {
  std::string key;
  int level = 0;
  friend bool operator==(const Stroke&, const Stroke&) = default;
};
using Layout = std::map<std::string, Stroke>;

Layout layout_of(const std::string& name) {
  Command command;
  command.argv = {"xkbcomp", "-w0", "-xkb", "-", "-"};
  command.input = fmt::format(
      "xkb_keymap {{ xkb_keycodes {{ include \"evdev+aliases(qwerty)\" }}; xkb_types {{ include \"complete\" }};"
      " xkb_compat {{ include \"complete\" }}; xkb_symbols {{ include \"pc+{}\" }}; }};",
      name);
  const auto text = run_checked(command).out;
  // The keys for characters: AB01 to AE12, each with symbols like "[ a, A, ae, AE ]".
  const std::regex key("key <(A[B-E][0-9]{2})> \\{[^\\[]*(?:\\[Group1\\]= *)?\\[ *(\\w+), *(\\w+)");
  Layout layout;
  const auto begin = text.begin() + static_cast<std::ptrdiff_t>(text.find("xkb_symbols"));
  for (std::sregex_iterator found(begin, text.end(), key), none; found != none; ++found) {
    layout.emplace((*found)[2], Stroke{(*found)[1], 1});
    layout.emplace((*found)[3], Stroke{(*found)[1], 2});
  }
  return layout;
}

TEST(TypeablePassword, HasItsLettersOnTheSameKeysOfUsFrenchAndGermanKeyboards) {
  if (::access("/usr/bin/xkbcomp", X_OK) != 0) GTEST_SKIP() << "xkbcomp is not installed (package x11-xkb-utils)";
  const auto us = layout_of("us");
  const auto fr = layout_of("fr");
  const auto de = layout_of("de");
  ASSERT_EQ(us.at("q"), (Stroke{"AD01", 1}));
  ASSERT_EQ(fr.at("q"), (Stroke{"AC01", 1})) << "the layouts are not told apart";
  ASSERT_EQ(de.at("z"), (Stroke{"AD06", 1}));
  std::set<char> seen;
  for (int count = 0; count < many; ++count) {
    const auto password = typeable();
    seen.insert(password.reveal().begin(), password.reveal().end());
  }
  EXPECT_EQ(seen.size(), 17U + 17U + 6U);
  for (const char c : seen) {
    const std::string name(1, c);
    EXPECT_EQ(us.at(name), de.at(name)) << name;
    EXPECT_EQ(us.at(name).key, fr.at(name).key) << name;
    const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
    EXPECT_EQ(fr.at(name).level, digit ? 2 : us.at(name).level) << name << ": only digits need Shift in French";
  }
}

TEST(TypeablePassword, HasGroupsThatACapitalOpensAndOneDigitAtTheEnd) {
  const std::regex form("([A-Z][a-z]{3}){6}[0-9]");
  for (int count = 0; count < many; ++count) {
    const auto password = typeable();
    ASSERT_TRUE(std::regex_match(password.reveal().begin(), password.reveal().end(), form)) << "classes: complexity";
    ASSERT_EQ(password.reveal().find_first_of("IilLOo0158Zz"), std::string_view::npos) << "there is a look-alike";
  }
}

TEST(TypeablePassword, HasAHundredBitsAtLeast) {
  std::array<std::map<char, int>, length> counts;
  for (int count = 0; count < many; ++count) {
    const auto password = typeable();
    ASSERT_EQ(password.size(), length);
    for (std::size_t at = 0; at < length; ++at) ++counts[at][password.reveal()[at]];
  }
  double bits = 0;
  for (std::size_t at = 0; at < length; ++at) {
    const auto choices = static_cast<double>(counts[at].size());
    bits += std::log2(choices);
    // Each character is as frequent as the others: chi-square with 16 degrees of freedom exceeds 90 once in 10^11.
    const double expected = many / choices;
    double deviation = 0;
    for (const auto& [c, seen] : counts[at]) deviation += (seen - expected) * (seen - expected) / expected;
    EXPECT_LT(deviation, 90) << "at " << at;
  }
  EXPECT_GE(bits, 100);
  EXPECT_LT(bits, 101) << "the header says 100.7";
}

TEST(TypeablePassword, HasCharactersThatDoNotDependOnEachOther) {
  std::set<std::string> seen;
  int repeated = 0;
  for (int count = 0; count < many; ++count) {
    const auto password = typeable();
    EXPECT_TRUE(seen.emplace(password.reveal()).second);
    if (password.reveal()[1] == password.reveal()[2]) ++repeated;
  }
  // 1 in 17 of 3000 is 176, with a deviation of 13: outside of these limits once in 10^11.
  EXPECT_GT(repeated, 176 - 90);
  EXPECT_LT(repeated, 176 + 90);
}

TEST(TypeablePassword, IgnoresLengthAndClassesOfTheRandomForm) {
  credentials::PasswordPolicy policy;
  policy.form = credentials::PasswordForm::typeable;
  policy.length = 8;
  policy.upper_case = policy.digits = false;
  credentials::check(policy);
  EXPECT_EQ(credentials::generate_password(policy).size(), length);
}

}  // namespace
}  // namespace rescue::tests
