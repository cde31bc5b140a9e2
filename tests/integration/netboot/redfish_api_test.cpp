// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "daemon_under_test.hpp"
#include "simulated_redfish.hpp"

#include <nlohmann/json.hpp>

namespace rescue::netboot {
namespace {

using nlohmann::json;

/// Requests of a panel about a server with a Redfish BMC.
class RedfishApi : public DaemonUnderTest {
protected:
  void SetUp() override {
    DaemonUnderTest::SetUp();
    ASSERT_EQ(stop(), 0);
    configure("bmc: {settle: 2s, shutdown: 2s}\nsecrets: {key_file: '" + in_folder("secrets.key") + "'}\n");
    start();
    ASSERT_EQ(as_admin("POST", "/v1/servers", R"({"name": "web-01", "macs": ["525400123456"]})").status, 201U);
    bmc_ = std::make_unique<SimulatedRedfish>(in_folder("bmc"), "ami");
    write_file_atomically(in_folder("password"), SimulatedRedfish::password, 0600);
  }
  void TearDown() override {
    bmc_.reset();
    DaemonUnderTest::TearDown();
  }
  [[nodiscard]] Completed tell(std::vector<std::string> more) const {
    more.insert(more.begin(), {"server", "bmc", "web-01", "--bmc-url", bmc_->url(), "--bmc-user", bmc_->user,
                               "--bmc-password-file", in_folder("password")});
    return netbootctl(more);
  }

  std::unique_ptr<SimulatedRedfish> bmc_;
};

TEST_F(RedfishApi, NamesTheCertificateThatIsNotTrustedAndTrustsItOncePinned) {
  ASSERT_EQ(tell({}).status, 0);
  const auto refused = netbootctl({"server", "bmc-check", "web-01"});
  EXPECT_EQ(refused.status, 3) << refused.err;
  EXPECT_NE(refused.err.find(bmc_->fingerprint()), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("--bmc-fingerprint"), std::string::npos) << refused.err;

  const auto told = tell({"--bmc-fingerprint", bmc_->fingerprint()});
  ASSERT_EQ(told.status, 0) << told.err;
  EXPECT_NE(told.out.find(bmc_->url() + " as operator, certificate " + bmc_->fingerprint()), std::string::npos)
      << told.out;
  const auto checked = as_admin("POST", "/v1/servers/web-01/bmc/check");
  ASSERT_EQ(checked.status, 200U) << checked.body;
  const auto found = json::parse(checked.body);
  EXPECT_EQ(found["kind"], "redfish");
  EXPECT_EQ(found["vendor"], "AMI");
  EXPECT_EQ(found["system"], "Self");
  EXPECT_EQ(found["power"], "off");
  EXPECT_EQ(found["boot_device"], "none");
  EXPECT_EQ(found["firmware_version"], "1.02.3");
  EXPECT_EQ(found["can"]["power"], json({"on", "off", "reset", "shutdown"}));
  EXPECT_EQ(bmc_->log(), "") << "nothing was changed";
  const auto shown = netbootctl({"server", "bmc-check", "web-01"});
  EXPECT_NE(shown.out.find("redfish, AMI AMI Redfish Server, firmware 1.02.3"), std::string::npos) << shown.out;
}

TEST_F(RedfishApi, TrustsACaThatIsKeptWithTheBmc) {
  write_file_atomically(in_folder("ca.pem"), bmc_->ca(), 0600);
  ASSERT_EQ(tell({"--bmc-ca-file", in_folder("ca.pem")}).status, 0);
  EXPECT_EQ(netbootctl({"power", "show", "web-01"}).status, 0);
  ASSERT_EQ(stop(SIGKILL), 128 + SIGKILL);
  start();
  EXPECT_EQ(netbootctl({"power", "show", "web-01"}).status, 0) << "kept over a restart";
  for (const auto* const file : {"db.sqlite", "db.sqlite-wal"}) {
    EXPECT_EQ(read_file_if_exists(in_folder(file)).value_or("").find(SimulatedRedfish::password), std::string::npos)
        << file;
  }
}

TEST_F(RedfishApi, SwitchesPowerAndBootDevice) {
  ASSERT_EQ(tell({"--bmc-fingerprint", bmc_->fingerprint()}).status, 0);
  const auto power = [&](const std::string& action) {
    return netbootctl({"power", "set", "web-01", action, "--wait"}).status;
  };
  EXPECT_EQ(power("on"), 0);
  EXPECT_TRUE(bmc_->is_on());
  EXPECT_EQ(power("restart"), 0);
  EXPECT_EQ(power("shutdown"), 0);
  EXPECT_FALSE(bmc_->is_on());
  EXPECT_EQ(bmc_->log(), "power 1\nshutdown 1\npower 1\nshutdown 1\n");

  EXPECT_EQ(netbootctl({"power", "boot-device", "web-01", "pxe", "--lasting"}).out,
            "server:       web-01\nboot device:  pxe, for every boot\n");
  EXPECT_EQ(bmc_->boot_device(), "pxe\n");
  EXPECT_EQ(netbootctl({"power", "boot-device", "web-01", "none"}).status, 0);
  EXPECT_EQ(bmc_->boot_device(), "none\n");
  const auto set = as_admin("PUT", "/v1/servers/web-01/boot-device", R"({"device": "pxe", "lasting": true})");
  EXPECT_EQ(set.status, 200U) << set.body;
  EXPECT_EQ(json::parse(set.body), json({{"server", "web-01"}, {"device", "pxe"}, {"lasting", true}}));
  EXPECT_EQ(bmc_->boot_device(), "pxe\n");

  EXPECT_EQ(netbootctl({"power", "boot-device", "web-01", "pxe"}).out,
            "server:       web-01\nboot device:  pxe, once\n");
  EXPECT_NE(bmc_->sent().rfind("\"BootSourceOverrideEnabled\": \"Once\""), std::string::npos);
  EXPECT_GT(bmc_->sent().rfind("\"Once\""), bmc_->sent().rfind("\"Continuous\"")) << "once, where nothing is said";

  bmc_->turn("on");
  bmc_->ignore_requests();
  EXPECT_EQ(power("shutdown"), 4) << "accepted, and not done";
  EXPECT_EQ(as_admin("PUT", "/v1/servers/web-01/boot-device", R"({"device": "disk"})").status, 504U);
}

TEST_F(RedfishApi, SaysThatTheBmcRefusesAndNotThatTheCallerMayNot) {
  ASSERT_EQ(tell({"--bmc-fingerprint", bmc_->fingerprint()}).status, 0);
  const json wrong{{"kind", "redfish"},
                   {"url", bmc_->url()},
                   {"user", bmc_->user},
                   {"password", "wrong"},
                   {"fingerprint", bmc_->fingerprint()}};
  ASSERT_EQ(as_admin("PUT", "/v1/servers/web-01/bmc", wrong.dump()).status, 200U);
  const auto refused = as_admin("POST", "/v1/servers/web-01/bmc/check");
  EXPECT_EQ(refused.status, 422U) << refused.body;
  EXPECT_EQ(json::parse(refused.body)["code"], "bmc-denied");
  EXPECT_EQ(as_admin("PUT", "/v1/servers/web-01/boot-device", R"({"device": "pxe"})").status, 422U);
  const auto audit = json::parse(as_admin("GET", "/v1/audit").body)["entries"];
  ASSERT_FALSE(audit.empty());
  for (const auto& entry : audit) EXPECT_NE(entry["outcome"], "denied") << entry;
}

TEST_F(RedfishApi, RefusesWhatBelongsToTheOtherKind) {
  const auto refused = [&](const json& more) {
    json body{{"user", "u"}, {"password", "p"}};
    body.update(more);
    const auto response = as_admin("PUT", "/v1/servers/web-01/bmc", body.dump());
    EXPECT_EQ(response.status, 400U) << response.body;
    return response.body;
  };
  EXPECT_NE(refused({{"kind", "redfish"}, {"url", "https://192.0.2.1"}, {"port", 1}}).find("ipmi only"),
            std::string::npos);
  EXPECT_NE(refused({{"address", "192.0.2.1"}, {"fingerprint", std::string(64, 'a')}}).find("redfish only"),
            std::string::npos);
  for (const auto* const url : {"http://192.0.2.1", "https://u:p@192.0.2.1", "https://192.0.2.1/x", "https://[::1",
                                "https://192.0.2.1:0", "https://192.0.2.1:443x"}) {
    EXPECT_NE(refused({{"kind", "redfish"}, {"url", url}}).find("URL of a Redfish service"), std::string::npos) << url;
  }
  EXPECT_NE(refused({{"kind", "redfish"}, {"url", "https://192.0.2.1"}, {"fingerprint", "12:34"}}).find("fingerprint"),
            std::string::npos);
  EXPECT_NE(refused({{"kind", "redfish"}, {"url", "https://192.0.2.1"}, {"ca", "x"}}).find("PEM"), std::string::npos);
}

}  // namespace
}  // namespace rescue::netboot
