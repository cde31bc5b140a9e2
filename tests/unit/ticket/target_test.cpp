// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "credentials/connection_files.hpp"
#include "credentials/ticket.hpp"
#include "orchestrator/viewer/target.hpp"

#include <gtest/gtest.h>

namespace rescue::tests {
namespace {

using net::literals::operator""_ip;
using viewer::Entered;
using viewer::FormField;
using viewer::Reason;

const std::string a_ticket(credentials::make_ticket().reveal());

struct Refusal {
  Reason reason{};
  FormField field{};
};
bool operator==(const Refusal& left, const Refusal& right) {
  return left.reason == right.reason && left.field == right.field;
}
std::ostream& operator<<(std::ostream& out, const Refusal& refusal) { return out << name_of(refusal.reason); }

Refusal refusal_of(const std::string& number, const std::string& address, const std::string& port) {
  try {
    (void)viewer::target_of({Secret(std::string_view(number)), address, port});
  } catch (const viewer::Problem& problem) {
    EXPECT_STRNE(problem.what(), "");
    EXPECT_NE(problem.hint(), "");
    return {problem.reason(), problem.field()};
  }
  return {};
}

TEST(ViewerTarget, TakesTheThreeFieldsAsTheyAreReadOut) {
  const auto target = viewer::target_of({Secret(std::string_view(" " + a_ticket + "\n")), " 203.0.113.7 ", "21300 "});
  EXPECT_EQ(target.ticket.reveal(), a_ticket);
  ASSERT_EQ(target.endpoints.size(), 1U);
  EXPECT_EQ(target.endpoints.front().address, "203.0.113.7"_ip);
  EXPECT_EQ(target.endpoints.front().port, 21300);
  const auto v6 = viewer::target_of({Secret(std::string_view(a_ticket)), "[2001:db8::7]", "1"});
  EXPECT_EQ(v6.endpoints.front().address, "2001:db8::7"_ip);
}

TEST(ViewerTarget, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(refusal_of("1234", "203.0.113.7", "21300"), (Refusal{Reason::malformed_ticket, FormField::ticket}));
  EXPECT_EQ(refusal_of(a_ticket, "web-01", "21300"), (Refusal{Reason::malformed_address, FormField::address}));
  EXPECT_EQ(refusal_of(a_ticket, "", "21300"), (Refusal{Reason::malformed_address, FormField::address}));
  for (const auto* const port : {"", "0", "65536", "-1", "21300x", "99999999999999999999"}) {
    EXPECT_EQ(refusal_of(a_ticket, "203.0.113.7", port), (Refusal{Reason::malformed_port, FormField::port})) << port;
  }
}

TEST(ViewerTarget, ReadsTheInvitationOfATicket) {
  credentials::ConnectionDetails details;
  details.addresses = {{"203.0.113.7"_ip, 21300}, {"2001:db8::7"_ip, 21300}};
  details.user = "helpdesk";
  details.ticket = a_ticket;
  details.viewer_certificate =
      "00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f:10:11:12:13:14:15:16:17:18:19:1a:1b:1c:1d:1e:ff";
  const auto target = viewer::target_of_invitation(credentials::invitation_xml(details));
  EXPECT_EQ(target.ticket.reveal(), a_ticket);
  ASSERT_EQ(target.endpoints.size(), 2U);
  EXPECT_EQ(target.endpoints[1].address, "2001:db8::7"_ip);
  ASSERT_TRUE(target.certificate);
  EXPECT_EQ(target.certificate->back(), 0xff);
}

TEST(ViewerTarget, RefusesInvitationsThatAreNone) {
  const auto reason = [](const std::string& xml) {
    try {
      (void)viewer::target_of_invitation(xml);
    } catch (const viewer::Problem& problem) {
      return problem.reason();
    }
    return Reason::cancelled;
  };
  const auto with = [](const std::string& authentication, const std::string& listeners) {
    return "<E><A " + authentication + "/><C><T ID=\"1\" SID=\"0\">" + listeners + "</T></C></E>";
  };
  const std::string id = "ID=\"" + a_ticket + "\"";
  EXPECT_EQ(reason("no xml"), Reason::malformed_invitation);
  EXPECT_EQ(reason("<E/>"), Reason::malformed_invitation);
  EXPECT_EQ(reason(with(id, "")), Reason::malformed_invitation) << "no address";
  EXPECT_EQ(reason(with(id, "<L P=\"21300\" N=\"web-01\"/>")), Reason::malformed_invitation);
  EXPECT_EQ(reason(with(id, "<L P=\"0\" N=\"203.0.113.7\"/>")), Reason::malformed_port);
  EXPECT_EQ(reason(with("ID=\"1-2-3\"", "<L P=\"1\" N=\"203.0.113.7\"/>")), Reason::malformed_ticket);
  EXPECT_EQ(reason(with(id + " KH2=\"sha256:AAAA\"", "<L P=\"1\" N=\"203.0.113.7\"/>")), Reason::malformed_invitation);
  EXPECT_EQ(reason("<E>" + std::string(100'000, ' ') + "</E>"), Reason::malformed_invitation);
}

}  // namespace
}  // namespace rescue::tests
