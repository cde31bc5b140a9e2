// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/server.hpp"
#include "tests/unit/netboot/stored.hpp"

namespace rescue::netboot {
namespace {

TEST(ServerName, IsAHostName) {
  for (const auto* const text : {"a", "web-01", "web-01.dc2.example", "0", "x1--y"}) {
    EXPECT_EQ(ServerName::parse(text).text(), text);
  }
  for (const std::string text :
       {"", "Web", "-a", "a-", "a..b", ".a", "a.", "a_b", "a b", "a/b", "..", "a.-b", "w\303\251b", "a\n"}) {
    EXPECT_EQ(code_of([&] { (void)ServerName::parse(text); }), ErrorCode::usage) << text;
  }
  EXPECT_NO_THROW((void)ServerName::parse(std::string(63, 'a')));
  EXPECT_EQ(code_of([] { (void)ServerName::parse(std::string(64, 'a')); }), ErrorCode::usage);
}

TEST(ServerAddress, IsANumericAddressInItsCanonicalForm) {
  EXPECT_EQ(canonical_address("203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(canonical_address("2001:DB8:0:0::7"), "2001:db8::7");
  for (const auto* const text : {"::ffff:203.0.113.7", "::FFFF:cb00:7107", "0:0:0:0:0:ffff:203.0.113.7"}) {
    EXPECT_EQ(canonical_address(text), "203.0.113.7") << text;
  }
  for (const auto* const text : {"0.0.0.0", "::", "224.0.0.1", "239.255.255.250", "255.255.255.255", "ff02::1",
                                 "::ffff:0.0.0.0", "::ffff:224.0.0.1"}) {
    EXPECT_EQ(code_of([&] { (void)canonical_address(text); }), ErrorCode::usage) << text;
  }
  for (const auto* const text : {"", "web-01", "203.0.113.7/24", "203.0.113", "1.2.3.4.5", "2001:db8::7%eth0"}) {
    EXPECT_EQ(code_of([&] { (void)canonical_address(text); }), ErrorCode::usage) << text;
  }
}

TEST(HostName, IsTakenAsTheDnsHasIt) {
  EXPECT_EQ(canonical_host("iDRAC-7QX1AB2.oob.example.net"), "idrac-7qx1ab2.oob.example.net");
  EXPECT_EQ(canonical_host("ILOCZ1234ABCD"), "ilocz1234abcd");
  EXPECT_EQ(canonical_host("bmc-01.example.net."), "bmc-01.example.net");
  EXPECT_EQ(canonical_host("3com.example"), "3com.example");
  EXPECT_EQ(canonical_host("192.0.2.20"), "192.0.2.20");
  EXPECT_EQ(canonical_host("2001:DB8::20"), "2001:db8::20");
  const auto long_name = "bmc-" + std::string(50, 'a') + ".management.oob.fra1.example.net";
  ASSERT_GE(long_name.size(), 82U);
  EXPECT_EQ(canonical_host(long_name), long_name);
  const auto label = std::string(63, 'a');
  const auto longest = label + "." + label + "." + label + "." + std::string(61, 'b');
  ASSERT_EQ(longest.size(), 253U);
  EXPECT_EQ(canonical_host(longest), longest);
  EXPECT_EQ(canonical_host(longest + "."), longest);
}

TEST(HostName, IsNothingElse) {
  const auto label = std::string(63, 'a');
  for (const std::string& text : {std::string(),
                                  std::string("."),
                                  std::string(".."),
                                  std::string("a..b"),
                                  std::string(".a"),
                                  std::string("a.."),
                                  std::string("-a"),
                                  std::string("a-"),
                                  std::string("a-.b"),
                                  std::string("a.-b"),
                                  std::string("a_b"),
                                  std::string("a b"),
                                  std::string("a/b"),
                                  std::string("a:1"),
                                  std::string("[::1]"),
                                  std::string("b\xc3\xbc"
                                              "cher"),
                                  std::string("203.0.113"),
                                  std::string("1.2.3.4.5"),
                                  std::string("3405803783"),
                                  std::string("256.1.1.1"),
                                  std::string("0x7f000001"),
                                  std::string("bmc.0x1f"),
                                  std::string("192.0.2.20."),
                                  std::string("fe80::1%eth0"),
                                  std::string("a\0b", 3),
                                  std::string("192.0.2.1\0", 10),
                                  label + "a",
                                  label + "." + label + "." + label + "." + std::string(62, 'b')}) {
    EXPECT_EQ(code_of([&] { (void)canonical_host(text); }), ErrorCode::usage) << text;
  }
}

TEST(HostName, StandsInTheUrlOfABmc) {
  BmcEndpoint endpoint;
  set_url(endpoint, "HTTPS://iDRAC-7QX1AB2.oob.example.net.:8443/");
  EXPECT_EQ(url_of(endpoint), "https://idrac-7qx1ab2.oob.example.net:8443");
  for (const auto* const url : {"http://a", "https://", "https://a_b", "https:///a", "https://user@a"}) {
    EXPECT_EQ(code_of([&] { set_url(endpoint, url); }), ErrorCode::usage) << url;
  }
}

TEST(ServerUuid, IsNoPlaceholder) {
  for (const auto* const uuid : {"03000200-0400-0500-0006-000700080009",   "00020003-0004-0005-0006-000700080009",
                                 "12345678-1234-5678-90AB-CDDEEFAABBCC",   "78563412-3412-7856-90ab-cddeefaabbcc",
                                 "00000000-0000-0000-0000-000000000000",   "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
                                 "fefefefe-fefe-fefe-fefe-fefefefefefe",   "11111111-1111-1111-1111-111111111111",
                                 "01010101-0101-0101-0101-010101010101",   "11111111-2222-3333-4444-555555555555",
                                 "00112233-4455-6677-8899-aabbccddeeff",   "33221100-5544-7766-8899-aabbccddeeff",
                                 "01234567-89ab-cdef-0123-456789abcdef",   "67452301-ab89-efcd-0123-456789abcdef",
                                 "fedcba98-7654-3210-fedc-ba9876543210",   "12345678-9abc-def0-1234-56789abcdef0",
                                 "00010203-0405-0607-0809-0a0b0c0d0e0f",   "03020100-0504-0706-0809-0a0b0c0d0e0f",
                                 "01020304-0506-0708-090a-0b0c0d0e0f10",   "12345678-1234-5678-1234-567812345678",
                                 "4c4c4544-0000-2010-8020-80c04f202020",   "44454c4c-0000-1020-8020-80c04f202020",
                                 "12345678-1234-1234-1234-123456789abc",   "deadbeef-dead-beef-dead-beefdeadbeef",
                                 "{03000200-0400-0500-0006-000700080009}", "03000200040005000006000700080009",
                                 "00000000-0000-1000-8000-000000000000",   "ffffffff-ffff-ffff-ffff-fffffffffffe"}) {
    EXPECT_EQ(code_of([&] { (void)canonical_uuid(uuid); }), ErrorCode::usage) << uuid;
  }
}

TEST(ServerUuid, OfARealBoardIsTaken) {
  for (const auto* const uuid : {"4c4c4544-0042-3510-8056-b4c04f463132", "44454c4c-4200-1035-8056-b4c04f463132",
                                 "00000000-0000-0000-0000-ac1f6b3a52c4", "00000000-0000-1000-8000-3cecef123456",
                                 "30373237-3132-4d32-3235-333230385057", "34373237-3931-5a43-3331-323930385057",
                                 "564d5a1c-7b2e-9f04-6c1d-8a3b5c7d9e0f", "ec2e1916-9099-7caf-fd21-012345abcdef",
                                 "12345678-1234-5678-90ab-cddeefaabbcd", "c0ffee00-1a2b-4c3d-8e4f-5a6b7c8d9e0f",
                                 "00000000-0000-0000-0000-000000000001", "03000200-0400-0500-0006-000700080010",
                                 "e1f3a5c7-0000-0000-0000-000000000000", "dead2bad-cafe-4b1d-9e57-f00dfacecafe"}) {
    EXPECT_NO_THROW((void)canonical_uuid(uuid)) << uuid;
  }
}

TEST(ServerSerial, IsNoPlaceholder) {
  for (const auto* const serial : {"None",
                                   "None Provided",
                                   "Invalid Serial Number",
                                   "OEM Default",
                                   "<OUT OF SPEC>",
                                   "<BAD INDEX>",
                                   "MotherBoard Serial",
                                   "Type2 - Board Serial Number",
                                   "System SN",
                                   "Chassis-SN",
                                   "NONE",
                                   "n/a",
                                   "N.A.",
                                   "NA",
                                   "Not Specified",
                                   "not-specified",
                                   "Not Available",
                                   "Not Applicable",
                                   "Unknown",
                                   "Default string",
                                   "DEFAULT STRING",
                                   "Default String.",
                                   "oem default string inject",
                                   "To be filled by O.E.M.",
                                   "To Be Filled By O.E.M",
                                   "TO BE FILLED BY OEM",
                                   "to_be_filled",
                                   "Filled By OEM",
                                   "System Serial Number",
                                   "System_Serial_Number",
                                   "Chassis Serial Number",
                                   "Base Board Serial Number",
                                   "Serial Number",
                                   "Serial",
                                   "S/N",
                                   "INVALID",
                                   "0123456789",
                                   "1234567890",
                                   "123456789",
                                   "12345678",
                                   "9876543210",
                                   "0987654321",
                                   "12345678901234567890",
                                   "0123456789ABCDEF",
                                   "1234567890ABCDEF",
                                   "abcdefgh",
                                   "MB-1234567890",
                                   "BSN12345678901234567",
                                   "SSN-0123456789",
                                   "SN: 123456789",
                                   "SN00000000",
                                   "0",
                                   "00",
                                   "00000000",
                                   "0x00000000",
                                   "x",
                                   "xx",
                                   "xxxxxxxx",
                                   "XXXXXXXXXX",
                                   "11111111",
                                   "ffffffff",
                                   "AAAA",
                                   ".",
                                   "............",
                                   "----------",
                                   "#",
                                   "***",
                                   "_",
                                   "?",
                                   "[empty]",
                                   "<none>",
                                   "(none)",
                                   "\"none\"",
                                   "null",
                                   "undefined",
                                   "empty",
                                   "Test",
                                   "O.E.M.",
                                   "OEM",
                                   "No Serial Number",
                                   "System Product Name",
                                   "TBD"}) {
    EXPECT_EQ(code_of([&] { (void)canonical_serial(serial); }), ErrorCode::usage) << serial;
  }
}

TEST(ServerSerial, OfARealServerIsTaken) {
  for (const auto* const serial : {"B5VFS12",
                                   "7QX1AB2",
                                   "C6WGT11",
                                   "CZ1234ABCD",
                                   "CZJ0150B2X",
                                   "2M270300XY",
                                   "MXQ01234AB",
                                   "J301Y0GV",
                                   "06AKLMN",
                                   "SGH123X01A",
                                   "S411795X9C12345",
                                   "S0000012345",
                                   "A263110X0C12345",
                                   "VMware-42 1c 0a 5e 8d 9b 2f 11-7a 3c 55 e0 19 28 4d 6f",
                                   "1S7X06CTO1WWJ3012345",
                                   "PF0ABCDE",
                                   "FCH2049V0AB",
                                   "WZP21330G5T",
                                   "0123",
                                   "1234",
                                   "12",
                                   "S1",
                                   "A",
                                   "345678",
                                   "4567890",
                                   "2102311ABC10J3000012",
                                   "210235A1ABH123000456",
                                   "CN-0H3P6K-13740-32Q-01AB",
                                   "..CN7475133L0ABC.",
                                   "/B5VFS12/CNFCP0032A00XY/",
                                   "N/2A",
                                   "AB+12&3",
                                   "ec2a1b2c-3d4e-5f60-7182-93a4b5c6d7e8",
                                   "NONE-OF-YOURS-7",
                                   "TESTA123",
                                   "SN10023",
                                   "MB12870423",
                                   "XX12345",
                                   "0000S123",
                                   "BOXOEM17",
                                   "100000",
                                   "20240101",
                                   "12345X",
                                   "112233"}) {
    EXPECT_NO_THROW((void)canonical_serial(serial)) << serial;
  }
}

TEST(ServerLoader, CanBreakOutOfNoBootScript) {
  EXPECT_EQ(canonical_loader(R"(\EFI\Microsoft\Boot\bootmgfw.efi)"), R"(\EFI\Microsoft\Boot\bootmgfw.efi)");
  EXPECT_EQ(canonical_loader("/EFI/debian/shimx64.efi"), R"(\EFI\debian\shimx64.efi)");
  for (const auto* const text : {"", "\\", "EFI\\x.efi", "\\EFI\\a b.efi", "\\a || shell", "\\a\nshell",
                                 "\\${net0/mac}", "\\a;b", "\\a#b", "\\a&b"}) {
    EXPECT_EQ(code_of([&] { (void)canonical_loader(text); }), ErrorCode::usage) << text;
  }
}

}  // namespace
}  // namespace rescue::netboot
