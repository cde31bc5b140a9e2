// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "simulated_redfish.hpp"
#include "tests/doubles/scratch_folder.hpp"

namespace rescue::netboot {
namespace {

/// OpenStack's Redfish client can use the service that our own drivers are tested with: not only our drivers can.
class Sushy : public ::testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(Sushy, UnderstandsTheServiceOfTheTests) {
  const tests::ScratchFolder scratch;
  const auto& [profile, login] = GetParam();
  SimulatedRedfish service(scratch.file("bmc"), profile);
  Command command;
  command.argv = {"/usr/bin/python3",
                  SUSHY_CLIENT,
                  service.url(),
                  service.folder() + "/certificate.pem",
                  SimulatedRedfish::user,
                  service.folder() + "/password",
                  login};
  const auto done = run(command);
  EXPECT_EQ(done.status, 0) << done.out << done.err;
  EXPECT_EQ(service.log(), "boot pxe\nboot pxe\nboot default\npower 1\nreset 1\nshutdown 1\n");
  EXPECT_EQ(service.boot_device(), "default\n");
  EXPECT_EQ(service.count("POST /redfish/v1/SessionService/Sessions\n"), std::string_view(login) == "basic" ? 0U : 1U);
}

std::string name_of_case(const ::testing::TestParamInfo<Sushy::ParamType>& info) {
  return std::string(std::get<0>(info.param)) + "_" + std::get<1>(info.param);
}

INSTANTIATE_TEST_SUITE_P(Services, Sushy,
                         ::testing::Combine(::testing::Values("generic", "supermicro", "ami"),
                                            ::testing::Values("session", "basic")),
                         name_of_case);

}  // namespace
}  // namespace rescue::netboot
