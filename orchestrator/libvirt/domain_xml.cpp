// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/libvirt/domain_xml.hpp"

#include "orchestrator/libvirt/domain_storage.hpp"
#include "orchestrator/libvirt/xml_builder.hpp"

#include <sstream>

namespace rescue::libvirt {
namespace {

using domain::Accelerator;
using domain::Firmware;
using domain::GuestSpec;
using domain::GuestSystem;

bool with_kvm(const GuestSpec& spec) { return spec.accelerator != Accelerator::tcg; }

/// Enlightenments need KVM: under TCG, QEMU exits with "kernel doesn't allow setting HyperV VP_INDEX".
bool enlightened(const GuestSpec& spec) { return spec.profile.system == GuestSystem::windows && with_kvm(spec); }

bool has_hyperv(const DomainHost& host, const char* feature) { return !host.hyperv || host.hyperv->contains(feature); }

void add_os(pugi::xml_node root, const GuestSpec& spec, const DomainHost& host) {
  auto os = add(root, "os");
  const bool uefi = spec.profile.firmware == Firmware::uefi;
  if (uefi) os.append_attribute("firmware").set_value("efi");
  add_text(os, "type", "hvm", {{"arch", "x86_64"}, {"machine", "pc-q35-7.2"}});
  if (uefi) {
    auto firmware = add(os, "firmware");
    add(firmware, "feature", {{"enabled", "no"}, {"name", "secure-boot"}});
    add(firmware, "feature", {{"enabled", "no"}, {"name", "enrolled-keys"}});
    if (const auto path = nvram_path(spec.name, host); !path.empty()) add_text(os, "nvram", path);
  }
  add(os, "bootmenu", {{"enable", "no"}});
}

/// Without tlbflush: BSOD 0xA of Server 2022 on AMD (virtio-win issue 1582).
void add_hyperv(pugi::xml_node features, const DomainHost& host) {
  auto hyperv = add(features, "hyperv", {{"mode", "custom"}});
  for (const char* name :
       {"relaxed", "vapic", "spinlocks", "vpindex", "runtime", "synic", "stimer", "reset", "frequencies", "ipi"}) {
    if (!has_hyperv(host, name)) continue;
    auto feature = add(hyperv, name, {{"state", "on"}});
    const std::string_view which = name;
    if (which == "spinlocks") feature.append_attribute("retries").set_value("8191");
    if (which == "stimer") add(feature, "direct", {{"state", "on"}});
  }
}

void add_features(pugi::xml_node root, const GuestSpec& spec, const DomainHost& host) {
  auto features = add(root, "features");
  add(features, "acpi");
  add(features, "apic");
  if (enlightened(spec)) add_hyperv(features, host);
  add(features, "vmport", {{"state", "off"}});
}

void add_cpu(pugi::xml_node root, const GuestSpec& spec, const DomainHost& host) {
  auto cpu = add(root, "cpu",
                 {{"mode", with_kvm(spec) ? "host-passthrough" : "maximum"}, {"check", "none"}, {"migratable", "off"}});
  add(cpu, "topology", {{"sockets", "1"}, {"dies", "1"}, {"cores", std::to_string(spec.vcpus)}, {"threads", "1"}});
  if (!with_kvm(spec)) return;
  if (host.svm) add(cpu, "feature", {{"policy", "disable"}, {"name", "svm"}});
  if (host.vmx) add(cpu, "feature", {{"policy", "disable"}, {"name", "vmx"}});
  if (spec.accelerator == Accelerator::kvm_compatible) {
    add(cpu, "feature", {{"policy", "disable"}, {"name", "arch-capabilities"}});
  }
}

/// Windows keeps its hardware clock in local time, Linux (the stand-in) in UTC.
void add_clock(pugi::xml_node root, const GuestSpec& spec, const DomainHost& host) {
  const bool windows = spec.profile.system == GuestSystem::windows;
  auto clock = add(root, "clock", {{"offset", windows ? "localtime" : "utc"}});
  add(clock, "timer", {{"name", "rtc"}, {"tickpolicy", "catchup"}});
  add(clock, "timer", {{"name", "pit"}, {"tickpolicy", "delay"}});
  add(clock, "timer", {{"name", "hpet"}, {"present", "no"}});
  // "relaxed" stands for the whole Hyper-V interface of KVM, which the reference clock needs.
  if (enlightened(spec) && has_hyperv(host, "relaxed")) {
    add(clock, "timer", {{"name", "hypervclock"}, {"present", "yes"}});
  }
}

void add_network(pugi::xml_node devices, const GuestSpec& spec) {
  if (spec.tap.empty()) return;
  auto card = add(devices, "interface", {{"type", "ethernet"}});
  add(card, "mac", {{"address", spec.mac.text()}});
  add(card, "target", {{"dev", spec.tap}, {"managed", "no"}});
  add(card, "model", {{"type", "virtio"}});
  // A tap without IFF_MULTI_QUEUE can't be opened with it: leave out `queues` for one queue.
  if (spec.tap_queues > 1) add(card, "driver", {{"queues", std::to_string(spec.tap_queues)}});
  add(card, "mtu", {{"size", std::to_string(spec.mtu)}});
  add(card, "rom", {{"enabled", "no"}});  // the guest never boots from the network: our own netboot is there
}

/// A pty, for Windows' emergency console; recorded through virtlogd, which limits the file.
void add_serial(pugi::xml_node devices, const GuestSpec& spec) {
  auto serial = add(devices, "serial", {{"type", "pty"}});
  if (!spec.serial_log.empty()) add(serial, "log", {{"file", spec.serial_log}, {"append", "off"}});
  add(serial, "target", {{"type", "isa-serial"}, {"port", "0"}});
}

void add_console(pugi::xml_node devices, const GuestSpec& spec) {
  add(devices, "controller", {{"type", "usb"}, {"index", "0"}, {"model", "qemu-xhci"}, {"ports", "8"}});
  add(devices, "input", {{"type", "tablet"}, {"bus", "usb"}});
  if (!spec.vnc_socket.empty()) {
    auto graphics = add(devices, "graphics", {{"type", "vnc"}});
    add(graphics, "listen", {{"type", "socket"}, {"socket", spec.vnc_socket}});
  }
  add(add(devices, "video"), "model", {{"type", "vga"}, {"vram", "16384"}});
}

void add_devices(pugi::xml_node root, const GuestSpec& spec, const DomainHost& host) {
  auto devices = add(root, "devices");
  add_storage(devices, spec);
  add_network(devices, spec);
  add_serial(devices, spec);
  auto channel = add(devices, "channel", {{"type", "unix"}});
  add(channel, "target", {{"type", "virtio"}, {"name", "org.qemu.guest_agent.0"}});
  add_console(devices, spec);
  if (spec.profile.tpm) {
    auto tpm = add(devices, "tpm", {{"model", "tpm-crb"}});
    add(tpm, "backend", {{"type", "emulator"}, {"version", "2.0"}});
  }
  add(devices, "memballoon", {{"model", "none"}});
  add_text(add(devices, "rng", {{"model", "virtio"}}), "backend", "/dev/urandom", {{"model", "random"}});
  const bool hyperv_panic = enlightened(spec) && has_hyperv(host, "relaxed");
  add(devices, "panic", {{"model", hyperv_panic ? "hyperv" : "isa"}});
}

/// Removes the capability because of which libvirt asks: QEMU's list of a CPU's unavailable features. libvirt's log
/// then calls the domain tainted, which is correct.
void add_cpu_inquiry(pugi::xml_node root, const GuestSpec& spec, const DomainHost& host) {
  if (!host.skip_cpu_inquiry || enlightened(spec)) return;
  add(add(root, "qemu:capabilities"), "qemu:del", {{"capability", "cpu-unavailable-features"}});
}

}  // namespace

std::string nvram_path(const std::string& guest, const DomainHost& host) {
  return host.nvram_folder.empty() ? std::string{} : host.nvram_folder + "/" + guest + "_VARS.fd";
}

std::string domain_xml(const GuestSpec& spec, const DomainHost& host) {
  pugi::xml_document document;
  auto root = document.append_child("domain");
  root.append_attribute("type").set_value(with_kvm(spec) ? "kvm" : "qemu");
  add_text(root, "name", spec.name);
  add_text(root, "title", "Rescue system");
  add_text(root, "memory", std::to_string(spec.memory_mib), {{"unit", "MiB"}});
  add_text(root, "vcpu", std::to_string(spec.vcpus), {{"placement", "static"}});
  if (spec.profile.disk_bus == domain::DiskBus::virtio_scsi) add_text(root, "iothreads", "1");
  add_os(root, spec, host);
  add_features(root, spec, host);
  add_cpu(root, spec, host);
  add_clock(root, spec, host);
  // Shutdown and crash both end the domain: the session decides what follows, not libvirt.
  add_text(root, "on_poweroff", "destroy");
  add_text(root, "on_reboot", "restart");
  add_text(root, "on_crash", "destroy");
  add_devices(root, spec, host);
  add_cpu_inquiry(root, spec, host);
  add_serial_overrides(root, spec);
  const bool qemu_speaks = root.child("qemu:capabilities") || root.child("qemu:override");
  if (qemu_speaks) root.append_attribute("xmlns:qemu").set_value("http://libvirt.org/schemas/domain/qemu/1.0");

  std::ostringstream out;
  document.save(out, "  ", pugi::format_indent | pugi::format_no_declaration, pugi::encoding_utf8);
  return out.str();
}

}  // namespace rescue::libvirt
