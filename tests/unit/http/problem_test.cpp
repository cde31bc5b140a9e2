// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/client.hpp"
#include "core/http/server.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rescue::http {
namespace {

TEST(Problem, CarriesCodeDetailHintAndCauses) {
  ErrorReport report;
  report.code = ErrorCode::conflict;
  report.message = "the server 'web-01' exists";
  report.hint = "Choose another name.";
  report.causes = {"first", "second"};
  const auto response = problem(report);
  EXPECT_EQ(response.status, 409U);
  EXPECT_EQ(response.content_type, "application/problem+json");
  const auto body = nlohmann::json::parse(response.body);
  EXPECT_EQ(body["type"], "urn:rescue:problem:conflict");
  EXPECT_EQ(body["title"], "Conflict");
  EXPECT_EQ(body["status"], 409);
  EXPECT_EQ(body["detail"], "the server 'web-01' exists");
  EXPECT_EQ(body["code"], "conflict");
  EXPECT_EQ(body["hint"], "Choose another name.");
  EXPECT_EQ(body["causes"], nlohmann::json({"first", "second"}));
}

TEST(Problem, SurvivesBytesThatAreNotUnicode) {
  ErrorReport report;
  report.message = "bad \xff\xfe name";
  EXPECT_NO_THROW((void)problem(report));
}

TEST(Problem, MapsCodesToStatuses) {
  EXPECT_EQ(status_of(ErrorCode::usage), 400U);
  EXPECT_EQ(status_of(ErrorCode::config_invalid), 400U);
  EXPECT_EQ(status_of(ErrorCode::denied), 403U);
  EXPECT_EQ(status_of(ErrorCode::not_found), 404U);
  EXPECT_EQ(status_of(ErrorCode::conflict), 409U);
  EXPECT_EQ(status_of(ErrorCode::precondition), 422U);
  EXPECT_EQ(status_of(ErrorCode::unavailable), 503U);
  EXPECT_EQ(status_of(ErrorCode::timeout), 504U);
  EXPECT_EQ(status_of(ErrorCode::internal), 500U);
}

TEST(PercentEncode, LeavesOnlyUnreservedCharacters) {
  EXPECT_EQ(percent_encode("web-01.a_b~c"), "web-01.a_b~c");
  EXPECT_EQ(percent_encode("a/b c%?\xc3\xa9"), "a%2Fb%20c%25%3F%C3%A9");
}

}  // namespace
}  // namespace rescue::http
