// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The end of a request, and its host: requests that a proxy in front could read differently are refused (RFC 9112).
#include "raw_peer.hpp"
#include "running_server.hpp"

#include <gtest/gtest.h>

namespace rescue::http {
namespace {

/// All answers to a request with these fields that another request follows on the same connection.
std::string answers_to(const std::string& fields, const std::string& body, const std::string& version = "1.1") {
  const RunningServer server;
  RawPeer peer(server.port());
  peer.send("POST /echo HTTP/" + version + "\r\n" + fields + "\r\n" + body +
            "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  return peer.read_to_end();
}

void expect_refused(const std::string& answers, const std::string& status, const std::string& what) {
  EXPECT_TRUE(answers.starts_with("HTTP/1.1 " + status)) << what << "\n" << answers;
  EXPECT_NE(answers.find("Connection: close\r\n"), std::string::npos) << what;
  EXPECT_EQ(answers.find("HTTP/1.1", 1), std::string::npos) << "nothing behind it is read as a request: " << what;
}

TEST(Framing, IsRefusedWhereTheEndOfTheBodyCantBeTold) {
  const std::string chunks = "0\r\n\r\n";
  for (const auto* const coding :
       {"gzip", "identity", "xchunked", "chunked, gzip", "chunked, identity", "chunked, chunked", "chunked;q=1",
        "\"chunked\"", "", ",", "chunked gzip", "chunked, ,gzip",
        "\x0b"
        "chunked"}) {
    const auto fields = std::string("Host: x\r\nTransfer-Encoding: ") + coding + "\r\n";
    expect_refused(answers_to(fields, chunks), "400", coding);
  }
  expect_refused(answers_to("Host: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n", chunks), "400",
                 "two fields, chunked not last");
  expect_refused(answers_to("Host: x\r\nTransfer-Encoding : chunked\r\n", chunks), "400", "blank before the colon");
  expect_refused(answers_to("Host: x\r\nTransfer-Encoding: chunked\r\n", chunks, "1.0"), "400", "HTTP/1.0");
}

TEST(Framing, IsNotUnderstoodWithOtherCodings) {
  const std::string chunks = "0\r\n\r\n";
  expect_refused(answers_to("Host: x\r\nTransfer-Encoding: gzip, chunked\r\n", chunks), "501", "one field");
  expect_refused(answers_to("Host: x\r\nTransfer-Encoding: br\r\nTransfer-Encoding: chunked\r\n", chunks), "501",
                 "two fields");
}

TEST(Framing, IsRefusedWithTwoLengths) {
  for (const auto* const fields :
       {"Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5, 6\r\n", "Content-Length: +5\r\n",
        "Content-Length: -5\r\n", "Content-Length: 0x5\r\n", "Content-Length: 5 5\r\n", "Content-Length:\r\n",
        "Content-Length: 99999999999999999999999\r\n", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: gzip\r\n", "Content-Length : 5\r\n"}) {
    expect_refused(answers_to(std::string("Host: x\r\n") + fields, "0\r\n\r\n"), "400", fields);
  }
}

TEST(Framing, IsUnderstoodAsItMayBeWritten) {
  for (const auto* const coding : {"chunked", "Chunked", " chunked ", ", chunked,"}) {
    const auto answers =
        answers_to(std::string("Host: x\r\nTransfer-Encoding: ") + coding + "\r\n", "4\r\nbody\r\n0\r\n\r\n");
    EXPECT_TRUE(answers.starts_with("HTTP/1.1 200")) << coding << "\n" << answers;
    EXPECT_TRUE(answers.ends_with("hello")) << "the next one is answered, too";
  }
  EXPECT_TRUE(answers_to("Host: x\r\nContent-Length: 4\r\nContent-Length: 4\r\n", "body").ends_with("hello"));
}

TEST(Framing, LeavesOutWhatATrailerSays) {
  Router router;
  router.add("POST", "/who", [](const Request& request) {
    return text(request.header("x-forwarded-for") + "|" + request.header("authorization") + "|" +
                request.header("host"));
  });
  const RunningServer server(std::move(router));
  RawPeer peer(server.port());
  peer.send("POST /who HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            "0\r\nX-Forwarded-For: 192.0.2.1\r\nAuthorization: Bearer t\r\nHost: y\r\n\r\n");
  EXPECT_TRUE(peer.read_to_end().ends_with("\r\n\r\n||x"));
}

TEST(Host, IsNamedOnce) {
  expect_refused(answers_to("Content-Length: 0\r\n", ""), "400", "none");
  expect_refused(answers_to("Host: x\r\nHost: x\r\nContent-Length: 0\r\n", ""), "400", "two of the same");
  expect_refused(answers_to("Host: x\r\nhost: y\r\nContent-Length: 0\r\n", ""), "400", "two");
  expect_refused(answers_to("Host:\r\nHost: y\r\nContent-Length: 0\r\n", ""), "400", "an empty one, and one");
  expect_refused(answers_to("Host: x\r\nHost: x\r\nContent-Length: 0\r\n", "", "1.0"), "400", "two, in HTTP/1.0");
  for (const auto* const host : {"x y", "x, y", "x/y", "http://x", "x?y", "user@x", "x#y", "x\\y", "x\"y"}) {
    expect_refused(answers_to(std::string("Host: ") + host + "\r\nContent-Length: 0\r\n", ""), "400", host);
  }
}

TEST(Host, IsTakenAsItMayBeWritten) {
  for (const auto* const host :
       {"netboot.example.net", "NETBOOT:8080", "192.0.2.1", "[2001:db8::1]:8080", "[fe80::1%25eth0]", "a_b", ""}) {
    EXPECT_TRUE(answers_to(std::string("Host: ") + host + "\r\nContent-Length: 0\r\n", "").starts_with("HTTP/1.1 200"))
        << host;
  }
  const RunningServer server;
  RawPeer old(server.port());
  old.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(old.read_to_end().starts_with("HTTP/1.1 200")) << "HTTP/1.0 has none";
}

TEST(Query, NamesEachParameterOnce) {
  const RunningServer server;
  for (const auto* const query : {"?a=1&a=2", "?a=1&a=1", "?a&a", "?dry_run=true&dry%5Frun=false", "?a=1&b=2&%61=3"}) {
    RawPeer peer(server.port());
    peer.send(std::string("GET /hello") + query + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const auto answer = peer.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400")) << query;
    EXPECT_NE(answer.find("is given twice"), std::string::npos) << answer;
  }
  for (const auto* const query : {"?a=%FF", "?a=%00", "?%C3=1", "?a=%ED%A0%80"}) {
    RawPeer peer(server.port());
    peer.send(std::string("GET /hello") + query + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(peer.read_to_end().starts_with("HTTP/1.1 400")) << query;
  }
  for (const auto* const query : {"", "?", "?a=1&", "?&&", "?a=1&&b=2", "?a=1&A=2", "?a=1&b=1", "?a=%C3%A4"}) {
    RawPeer peer(server.port());
    peer.send(std::string("GET /hello") + query + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(peer.read_to_end().starts_with("HTTP/1.1 200")) << query;
  }
}

TEST(Targets, AreAnsweredWhateverTheyAreWhereThatIsWanted) {
  Router router;
  const auto whatever = [](const Request&) { return text("whatever"); };
  router.add("GET", "/boot/{rest*}", [](const Request& request) { return text(request.parameters.at("rest")); });
  router.answer_whatever_is_below("/boot/", EncodedSlash::refused, whatever);
  router.answer_whatever_is_below("/boot/slashes/", EncodedSlash::as_plain, whatever);
  const RunningServer server(std::move(router));
  const auto ask = [&](const std::string& method, const std::string& target) {
    RawPeer peer(server.port());
    peer.send(method + " " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const auto answer = peer.read_to_end();
    return answer.substr(9, 3) + answer.substr(answer.find("\r\n\r\n") + 4);
  };
  EXPECT_EQ(ask("GET", "/boot/a%2Fb"), "200whatever");
  EXPECT_EQ(ask("GET", "/boot/%zz"), "200whatever");
  EXPECT_EQ(ask("GET", "/boot/../x"), "200whatever");
  EXPECT_EQ(ask("GET", "http://x/boot/a?b=1&b=2"), "200whatever");
  EXPECT_EQ(ask("GET", "/boot/slashes/a%2Fb%2f/c"), "200slashes/a/b//c");
  EXPECT_EQ(ask("GET", "/boot/slashes/a%2F..%2Fb"), "200whatever");
  EXPECT_EQ(ask("PUT", "/boot/%zz").substr(0, 3), "400");
  EXPECT_EQ(ask("GET", "/other/a%2Fb").substr(0, 3), "400");
}

}  // namespace
}  // namespace rescue::http
