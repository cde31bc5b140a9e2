// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/vm/arguments.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace rescue::vm {
namespace {

using nlohmann::json;

class Arguments {
public:
  Arguments(const Specification& spec, const Prepared& prepared) : spec_(spec), prepared_(prepared) {}

  std::vector<std::string> all() {
    // Without a default device and without the user's configuration: nothing but the specification.
    list_ = {"qemu-system-x86_64", "-no-user-config", "-nodefaults", "-display", "none"};
    add("-name", spec_.name);
    add("-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
    add_machine();
    add_channels();
    add_drives();
    add_network();
    device({{"driver", "VGA"}, {"vgamem_mb", 16}});
    device({{"driver", "qemu-xhci"}, {"id", "usb"}});
    device({{"driver", "usb-tablet"}, {"bus", "usb.0"}});
    device({{"driver", "pvpanic"}});
    add_json("-object", json{{"qom-type", "rng-random"}, {"id", "random"}, {"filename", "/dev/urandom"}});
    device({{"driver", "virtio-rng-pci"}, {"rng", "random"}});
    return std::move(list_);
  }

private:
  void add(const char* option, std::string value) {
    list_.emplace_back(option);
    list_.push_back(std::move(value));
  }
  void add_json(const char* option, const json& value) {
    add(option, value.dump(-1, ' ', false, json::error_handler_t::replace));
  }
  void device(const json& value) { add_json("-device", value); }

  void add_machine() {
    std::string machine = "q35,vmport=off,hpet=off";
    if (prepared_.firmware) {
      flash("pflash0", prepared_.firmware->code, prepared_.firmware->code_format, true);
      flash("pflash1", prepared_.firmware->variables, prepared_.firmware->variables_format, false);
      machine += ",pflash0=pflash0,pflash1=pflash1";
    }
    add("-machine", machine);
    add("-accel", prepared_.kvm ? "kvm" : "tcg,thread=multi");
    add("-cpu", cpu());
    add("-smp", fmt::format("{0},sockets=1,cores={0},threads=1", spec_.cpus));
    add("-m", fmt::format("{}M", spec_.memory_mib));
    add("-rtc", fmt::format("base={},driftfix=slew", spec_.windows ? "localtime" : "utc"));
    add("-boot", "menu=off,strict=on");
    if (spec_.stop_at_reboot) add("-action", "reboot=shutdown");
  }

  /// As rescued has it (orchestrator/libvirt/domain_xml.cpp): without tlbflush, and enlightenments under KVM only.
  [[nodiscard]] std::string cpu() const {
    if (!prepared_.kvm) return "max";
    std::string cpu = "host,migratable=off";
    if (prepared_.svm) cpu += ",-svm";
    if (prepared_.vmx) cpu += ",-vmx";
    if (!spec_.windows) return cpu;
    return cpu + ",hv-time=on,hv-relaxed=on,hv-vapic=on,hv-spinlocks=8191,hv-vpindex=on,hv-runtime=on,hv-synic=on,hv-"
                 "stimer=on,"
                 "hv-stimer-direct=on,hv-reset=on,hv-frequencies=on,hv-ipi=on";
  }

  void flash(const char* name, const std::string& path, const std::string& format, bool read_only) {
    add_json("-blockdev", json{{"driver", format},
                               {"node-name", name},
                               {"read-only", read_only},
                               {"file", {{"driver", "file"}, {"filename", path}, {"read-only", read_only}}}});
  }

  void add_channels() {
    add("-chardev", fmt::format("socket,id=monitor,fd={}", prepared_.monitor));
    add("-mon", "chardev=monitor,mode=control");
    // A comma in a path is doubled: chardevs have no JSON form.
    std::string log;
    for (const char c : prepared_.serial_log) log.append(c == ',' ? 2 : 1, c);
    add("-chardev", fmt::format("file,id=serial0,path={}", log));
    device({{"driver", "isa-serial"}, {"chardev", "serial0"}});
    add("-chardev", fmt::format("socket,id=agent,fd={}", prepared_.agent));
    device({{"driver", "virtio-serial-pci"}, {"id", "ports"}});
    // VSERPORT_CHANGE comes only for a port with an id.
    device({{"driver", "virtserialport"},
            {"id", "agent"},
            {"bus", "ports.0"},
            {"chardev", "agent"},
            {"name", "org.qemu.guest_agent.0"}});
    if (!prepared_.tpm) return;
    add("-chardev", fmt::format("socket,id=tpm,fd={}", *prepared_.tpm));
    add("-tpmdev", "emulator,id=tpm0,chardev=tpm");
    device({{"driver", "tpm-crb"}, {"tpmdev", "tpm0"}});
  }

  void add_drives() {
    const bool scsi = spec_.disk_bus == DiskBus::virtio_scsi;
    if (scsi && !prepared_.disks.empty()) {
      add_json("-object", json{{"qom-type", "iothread"}, {"id", "scsi-thread"}});
      constexpr unsigned most_queues = 8;
      device({{"driver", "virtio-scsi-pci"},
              {"id", "scsi"},
              {"iothread", "scsi-thread"},
              {"num_queues", std::clamp(spec_.cpus, 1U, most_queues)}});
    }
    std::size_t port = 0;
    for (std::size_t index = 0; index < prepared_.disks.size(); ++index) {
      const auto& disk = prepared_.disks[index];
      const auto node = fmt::format("disk{}", index);
      add_file(node, disk);
      json drive{{"drive", node}, {"id", "drive-" + node}};
      if (!disk.serial.empty()) drive["serial"] = disk.serial;
      if (disk.boot_order != 0) drive["bootindex"] = disk.boot_order;
      drive["driver"] = scsi ? "scsi-hd" : "ide-hd";
      drive["bus"] = scsi ? "scsi.0" : fmt::format("ide.{}", port++);
      if (scsi) drive["scsi-id"] = index;
      device(drive);
    }
    for (const auto& cdrom : spec_.cdroms) add_cdrom(cdrom, port++);
  }

  void add_file(const std::string& node, const DiskSpec& disk) {
    const json cache{{"direct", false}, {"no-flush", disk.unsafe_cache}};
    const char* const discard = disk.discard ? "unmap" : "ignore";
    add_json("-blockdev", json{{"driver", name_of(disk.format)},
                               {"node-name", node},
                               {"read-only", disk.read_only},
                               {"discard", discard},
                               {"cache", cache},
                               {"file",
                                {{"driver", "file"},
                                 {"filename", disk.path},
                                 {"read-only", disk.read_only},
                                 {"discard", discard},
                                 {"cache", cache}}}});
  }

  void add_cdrom(const CdromSpec& cdrom, std::size_t port) {
    json drive{{"driver", "ide-cd"}, {"bus", fmt::format("ide.{}", port)}, {"id", fmt::format("cdrom{}", port)}};
    if (!cdrom.path.empty()) {
      const auto node = fmt::format("medium{}", port);
      add_json("-blockdev", json{{"driver", "raw"},
                                 {"node-name", node},
                                 {"read-only", true},
                                 {"file", {{"driver", "file"}, {"filename", cdrom.path}, {"read-only", true}}}});
      drive["drive"] = node;
    }
    if (cdrom.boot_order != 0) drive["bootindex"] = cdrom.boot_order;
    device(drive);
  }

  void add_network() {
    for (std::size_t index = 0; index < spec_.nics.size(); ++index) {
      const auto& nic = spec_.nics[index];
      auto backend = fmt::format("user,id=net{},restrict=on,net={},dhcpstart={}", index, nic.network, nic.dhcp_start);
      for (const auto& forward : nic.forwards) {
        backend += fmt::format(",hostfwd=tcp:127.0.0.1:0-:{}", forward.guest_port);
      }
      add("-netdev", backend);
      // Without an option ROM: the guest never boots from the network.
      device({{"driver", nic.model == NicModel::virtio ? "virtio-net-pci" : "e1000e"},
              {"netdev", fmt::format("net{}", index)},
              {"mac", nic.mac},
              {"romfile", ""}});
    }
  }

  const Specification& spec_;
  const Prepared& prepared_;
  std::vector<std::string> list_;
};

}  // namespace

std::vector<std::string> qemu_arguments(const Specification& specification, const Prepared& prepared) {
  return Arguments(specification, prepared).all();
}

}  // namespace rescue::vm
