// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/kvm_proof.hpp"

#include "core/handle.hpp"

#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <exception>
#include <fstream>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace rescue {
namespace {

constexpr std::size_t memory_size = 65'536;
constexpr std::size_t gdt_at = 0x0800;
constexpr std::size_t code_at = 0x1000;
constexpr std::size_t page_tables_at = 0x2000;  // PML4, PDPT, PD: three pages
constexpr std::uint16_t proof_port = 0x5243;
// The high half of the low 64 bits of 0x0123456789abcdef * 0x0fedcba987654321.
constexpr std::uint32_t proof_value = 0x22236d88;

/// Real mode at 0x1000: cli; lgdt [0x818]; cr4 = PAE; cr3 = 0x2000; EFER.LME; cr0 |= PG|PE; far jump into 64-bit code;
/// rax = product of two constants, shifted right by 32; dx = proof_port; out dx, eax; hlt.
constexpr std::array<unsigned char, 97> code = {
    0xfa, 0x66, 0x0f, 0x01, 0x16, 0x18, 0x08, 0x66, 0xb8, 0x20, 0x00, 0x00, 0x00, 0x0f, 0x22, 0xe0, 0x66,
    0xb8, 0x00, 0x20, 0x00, 0x00, 0x0f, 0x22, 0xd8, 0x66, 0xb9, 0x80, 0x00, 0x00, 0xc0, 0x0f, 0x32, 0x66,
    0x0d, 0x00, 0x01, 0x00, 0x00, 0x0f, 0x30, 0x0f, 0x20, 0xc0, 0x66, 0x0d, 0x01, 0x00, 0x00, 0x80, 0x0f,
    0x22, 0xc0, 0x66, 0xea, 0x3d, 0x10, 0x00, 0x00, 0x08, 0x00, 0x48, 0xb8, 0xef, 0xcd, 0xab, 0x89, 0x67,
    0x45, 0x23, 0x01, 0x48, 0xb9, 0x21, 0x43, 0x65, 0x87, 0xa9, 0xcb, 0xed, 0x0f, 0x48, 0x0f, 0xaf, 0xc1,
    0x48, 0xc1, 0xe8, 0x20, 0x66, 0xba, 0x43, 0x52, 0xef, 0xf4, 0xeb, 0xfd};

/// kvm_cpuid2 and its ioctls. The kernel's struct ends in a flexible array, which its header gives a size in C++: 12
/// bytes instead of 8. ioctl numbers contain that size, so those of the header are wrong.
struct CpuFeatures {
  std::uint32_t count = 256;
  std::uint32_t padding = 0;
  std::array<kvm_cpuid_entry2, 256> entries{};
};
constexpr unsigned long get_supported_cpuid = _IOC(_IOC_READ | _IOC_WRITE, KVMIO, 0x05, 8);
constexpr unsigned long set_cpuid2 = _IOC(_IOC_WRITE, KVMIO, 0x90, 8);

/// Why the proof failed; caught in prove_kvm.
struct NotProven : std::runtime_error {
  using std::runtime_error::runtime_error;
};

[[noreturn]] void refuse(const std::string& what) {
  throw NotProven(what + ": " + std::generic_category().message(errno));
}

class Mapping {
public:
  Mapping(std::size_t size, int flags, int fd)
      : address_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, fd, 0)), size_(size) {
    if (address_ == MAP_FAILED) refuse("no memory for a test VM");
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { ::munmap(address_, size_); }
  [[nodiscard]] unsigned char* bytes() const { return static_cast<unsigned char*>(address_); }

private:
  void* address_;
  std::size_t size_;
};

void store(unsigned char* memory, std::size_t at, std::uint64_t value) {
  std::memcpy(memory + at, &value, sizeof value);
}

/// A flat GDT with a 64-bit code segment, and an identity mapping of the first 2 MiB.
void fill_memory(unsigned char* memory) {
  store(memory, gdt_at + 8, 0x00209a0000000000);
  memory[gdt_at + 0x18] = 15;  // limit of the two descriptors
  store(memory, gdt_at + 0x1a, gdt_at);
  std::memcpy(memory + code_at, code.data(), code.size());
  store(memory, page_tables_at, (page_tables_at + 0x1000) | 3);
  store(memory, page_tables_at + 0x1000, (page_tables_at + 0x2000) | 3);
  store(memory, page_tables_at + 0x2000, 0x83);
}

FileDescriptor checked(int fd, const std::string& what) {
  if (fd < 0) refuse(what);
  return FileDescriptor(fd);
}

/// A VM with one vCPU and 64 KiB, about to execute `code`.
class ProofVm {
public:
  explicit ProofVm(FileDescriptor kvm)
      : kvm_(std::move(kvm)), vm_(checked(::ioctl(kvm_.get(), KVM_CREATE_VM, 0UL), "KVM creates no VM")),
        memory_(memory_size, MAP_PRIVATE | MAP_ANONYMOUS, -1) {
    fill_memory(memory_.bytes());
    kvm_userspace_memory_region region{};
    region.memory_size = memory_size;
    region.userspace_addr = reinterpret_cast<std::uint64_t>(memory_.bytes());
    if (::ioctl(vm_.get(), KVM_SET_USER_MEMORY_REGION, &region) < 0) refuse("KVM takes no memory");
    // Older Intel CPUs run real mode in a task, which needs memory; AMD ignores it.
    static_cast<void>(::ioctl(vm_.get(), KVM_SET_TSS_ADDR, 0xfffbd000UL));
    vcpu_ = checked(::ioctl(vm_.get(), KVM_CREATE_VCPU, 0UL), "KVM creates no vCPU");
    const int run_size = ::ioctl(kvm_.get(), KVM_GET_VCPU_MMAP_SIZE, 0UL);
    if (run_size < static_cast<int>(sizeof(kvm_run))) refuse("KVM shares no vCPU state");
    run_ = std::make_unique<Mapping>(static_cast<std::size_t>(run_size), MAP_SHARED, vcpu_.get());
    set_cpuid();
    set_registers();
  }

  /// Blocks until the vCPU leaves the guest. Empty when it wrote the expected value to the expected port.
  [[nodiscard]] std::string execute() {
    if (::ioctl(vcpu_.get(), KVM_RUN, 0UL) < 0) {
      return "the vCPU does not run: " + std::generic_category().message(errno);
    }
    const auto& run = state();
    if (run.exit_reason != KVM_EXIT_IO) {
      return "the vCPU stopped with exit reason " + std::to_string(run.exit_reason) + " instead of its port write";
    }
    std::uint32_t value = 0;
    std::memcpy(&value, run_->bytes() + run.io.data_offset, sizeof value);
    const bool expected = run.io.direction == KVM_EXIT_IO_OUT && run.io.port == proof_port &&
                          run.io.size == sizeof value && value == proof_value;
    return expected ? std::string{} : "the vCPU calculated a wrong value";
  }

  void leave_at_once() { state().immediate_exit = 1; }

private:
  [[nodiscard]] kvm_run& state() const { return *reinterpret_cast<kvm_run*>(run_->bytes()); }

  /// The guest's CPU must have long mode, or KVM refuses EFER.LME.
  void set_cpuid() {
    CpuFeatures features;
    if (::ioctl(kvm_.get(), get_supported_cpuid, &features) < 0) refuse("KVM names no CPU features");
    if (::ioctl(vcpu_.get(), set_cpuid2, &features) < 0) refuse("KVM takes no CPU features");
  }

  void set_registers() {
    kvm_sregs special{};
    if (::ioctl(vcpu_.get(), KVM_GET_SREGS, &special) < 0) refuse("KVM shows no registers");
    special.cs.base = 0;
    special.cs.selector = 0;
    kvm_regs general{};
    general.rip = code_at;
    general.rflags = 2;
    if (::ioctl(vcpu_.get(), KVM_SET_SREGS, &special) < 0 || ::ioctl(vcpu_.get(), KVM_SET_REGS, &general) < 0) {
      refuse("KVM takes no registers");
    }
  }

  FileDescriptor kvm_;
  FileDescriptor vm_;
  Mapping memory_;
  FileDescriptor vcpu_;
  std::unique_ptr<Mapping> run_;
};

/// State shared by the thread of the vCPU and its waiter; the last one frees it.
struct Attempt {
  explicit Attempt(FileDescriptor kvm) : vm(std::move(kvm)) {}
  ProofVm vm;
  std::mutex mutex;
  std::condition_variable changed;
  bool finished = false;
  std::string problem;
};

void ignore_signal(int /*signal*/) {}

/// Lets a signal interrupt KVM_RUN during its lifetime, then restores the process' handler.
class Kick {
public:
  Kick() {
    struct sigaction action {};
    action.sa_handler = ignore_signal;
    ::sigaction(number(), &action, &before_);
  }
  Kick(const Kick&) = delete;
  Kick& operator=(const Kick&) = delete;
  ~Kick() { ::sigaction(number(), &before_, nullptr); }
  static int number() { return SIGRTMIN + 3; }
  static void allow_in_this_thread() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number());
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  }

private:
  struct sigaction before_ {};
};

std::string run_with_limit(FileDescriptor kvm, Milliseconds limit) {
  auto attempt = std::make_shared<Attempt>(std::move(kvm));
  const Kick kick;
  std::thread vcpu([attempt] {
    Kick::allow_in_this_thread();
    auto problem = attempt->vm.execute();
    const std::scoped_lock lock(attempt->mutex);
    attempt->problem = std::move(problem);
    attempt->finished = true;
    attempt->changed.notify_all();
  });
  std::unique_lock lock(attempt->mutex);
  const auto finished = [&] { return attempt->finished; };
  const bool in_time = attempt->changed.wait_for(lock, limit, finished);
  for (int tries = 0; !attempt->finished && tries < 20; ++tries) {
    attempt->vm.leave_at_once();
    ::pthread_kill(vcpu.native_handle(), Kick::number());
    attempt->changed.wait_for(lock, Milliseconds(10), finished);
  }
  const bool ended = attempt->finished;
  std::string problem = attempt->problem;
  lock.unlock();
  // If a signal does not interrupt the vCPU, its thread and its part of the VM stay until the process ends.
  if (ended)
    vcpu.join();
  else
    vcpu.detach();
  if (!in_time) return "a vCPU did not execute its test program within " + std::to_string(limit.count()) + " ms";
  return problem;
}

KvmProof attempt_proof(const KvmPaths& paths, Milliseconds limit) {
  const auto cpu = cpu_virtualization(paths.cpuinfo);
  FileDescriptor kvm(::open(paths.device.c_str(), O_RDWR | O_CLOEXEC));
  const int open_error = errno;
  if (!cpu.svm && !cpu.vmx) {
    return {false,
            std::string("the CPU shows neither vmx nor svm: virtualization is off in the firmware setup, or this "
                        "is a VM without nesting") +
                (kvm ? " (" + paths.device + " opens, but is not to be trusted)" : "")};
  }
  if (!kvm && open_error == ENOENT) {
    return {false, "there is no " + paths.device + ": load the module " + (cpu.svm ? "kvm_amd" : "kvm_intel")};
  }
  if (!kvm) return {false, paths.device + " does not open: " + std::generic_category().message(open_error)};
  const int version = ::ioctl(kvm.get(), KVM_GET_API_VERSION, 0UL);
  if (version < 0) refuse(paths.device + " is no KVM device");
  if (version != KVM_API_VERSION) return {false, "KVM speaks API version " + std::to_string(version) + ", not 12"};
  auto problem = run_with_limit(std::move(kvm), limit);
  return {problem.empty(), std::move(problem)};
}

}  // namespace

CpuVirtualization cpu_virtualization(const std::string& cpuinfo) {
  CpuVirtualization found;
  std::ifstream in(cpuinfo);
  std::string line;
  while (std::getline(in, line)) {
    if (!line.starts_with("flags")) continue;
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      found.svm = found.svm || word == "svm";
      found.vmx = found.vmx || word == "vmx";
    }
    break;  // all CPUs of a server are alike
  }
  return found;
}

KvmProof prove_kvm(const KvmPaths& paths, Milliseconds limit) {
  try {
    return attempt_proof(paths, limit);
  } catch (const std::exception& error) {
    return {false, error.what()};
  }
}

}  // namespace rescue
