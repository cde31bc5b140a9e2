// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/kvm_proof.hpp"
#include "tests/doubles/scratch_folder.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

namespace rescue {
namespace {

class KvmProofTest : public testing::Test {
protected:
  [[nodiscard]] std::string file(const std::string& name, const std::string& content) const {
    return folder_.write(name, content);
  }
  const tests::ScratchFolder folder_;
};

bool mentions(const KvmProof& proof, const std::string& text) { return proof.reason.find(text) != std::string::npos; }

TEST_F(KvmProofTest, DistrustsADeviceNodeWithoutTheCpusFlag) {
  const auto begin = std::chrono::steady_clock::now();
  const auto proof = prove_kvm({file("cpuinfo", "processor : 0\nflags : fpu sse lm\n"), "/dev/null"});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, Milliseconds(50));
  EXPECT_FALSE(proof.proven);
  EXPECT_TRUE(mentions(proof, "neither vmx nor svm")) << proof.reason;
  EXPECT_TRUE(mentions(proof, "not to be trusted")) << proof.reason;
}

TEST_F(KvmProofTest, NamesTheModuleWhenThereIsNoDevice) {
  const auto proof = prove_kvm({file("cpuinfo", "flags : fpu svm lm\n"), folder_.file("absent")});
  EXPECT_FALSE(proof.proven);
  EXPECT_TRUE(mentions(proof, "kvm_amd")) << proof.reason;
}

TEST_F(KvmProofTest, RefusesWhatIsNoKvmDevice) {
  const auto proof = prove_kvm({file("cpuinfo", "flags : fpu vmx lm\n"), "/dev/null"});
  EXPECT_FALSE(proof.proven);
  EXPECT_TRUE(mentions(proof, "no KVM device")) << proof.reason;
}

TEST_F(KvmProofTest, AnswersForThisMachineInTime) {
  const auto begin = std::chrono::steady_clock::now();
  const auto proof = prove_kvm({}, Milliseconds(1000));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, Milliseconds(1500));
  EXPECT_NE(proof.proven, !proof.reason.empty()) << "a reason, or the proof";
  const auto cpu = cpu_virtualization();
  EXPECT_TRUE(cpu.svm || cpu.vmx || !proof.proven);
}

/// A device on a CPU that does not announce virtualization (broken nesting) gives an answer, never a hang.
TEST_F(KvmProofTest, ComesBackFromADeviceThatMayNotWork) {
  if (!std::filesystem::exists("/dev/kvm")) GTEST_SKIP() << "there is no /dev/kvm";
  const auto begin = std::chrono::steady_clock::now();
  const auto proof = prove_kvm({file("cpuinfo", "flags : fpu vmx lm\n"), "/dev/kvm"}, Milliseconds(500));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, Milliseconds(1500));
  EXPECT_NE(proof.proven, !proof.reason.empty());
}

TEST_F(KvmProofTest, ReadsTheFlagsAsWords) {
  EXPECT_FALSE(cpu_virtualization(file("a", "flags : vmx_like svm_lock\nvmx flags : vnmi\n")).vmx);
  EXPECT_TRUE(cpu_virtualization(file("b", "flags\t\t: fpu vmx\n")).vmx);
  EXPECT_TRUE(cpu_virtualization(file("c", "flags\t\t: fpu svm\n")).svm);
  EXPECT_FALSE(cpu_virtualization(folder_.file("absent")).svm);
}

}  // namespace
}  // namespace rescue
