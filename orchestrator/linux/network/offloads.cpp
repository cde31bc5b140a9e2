// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/network/offloads.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"

#include <fmt/format.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace rescue::linux {
namespace {

struct Feature {
  std::string name;
  bool changeable = false;
  bool active = false;
};

/// The ethtool requests of a link (include/uapi/linux/ethtool.h): structs with a tail, built as vectors of words.
class Ethtool {
public:
  explicit Ethtool(std::string link)
      : link_(std::move(link)), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    if (!socket_) throw Error(ErrorCode::network, fmt::format("cannot open a socket: {}", std::strerror(errno)));
  }

  std::vector<Feature> features() {
    const auto names = feature_names();
    const auto blocks = blocks_for(names.size());
    std::vector<std::uint32_t> words(2 + blocks * 4);
    words[0] = ETHTOOL_GFEATURES;
    words[1] = static_cast<std::uint32_t>(blocks);
    ask(words.data());
    std::vector<Feature> found;
    for (std::size_t at = 0; at < names.size(); ++at) {
      const auto* block = &words[2 + at / 32 * 4];  // available, requested, active, never_changed
      const auto bit = std::uint32_t{1} << (at % 32);
      found.push_back({names[at], (block[0] & bit) != 0, (block[2] & bit) != 0});
    }
    return found;
  }

  /// Turns off the features that `which` selects. A feature that stays on is no error here: `features` shows it.
  void switch_off(bool (*which)(const Feature&)) {
    const auto all = features();
    const auto blocks = blocks_for(all.size());
    std::vector<std::uint32_t> words(2 + blocks * 2);  // of each block: the features to change, and their values: 0
    words[0] = ETHTOOL_SFEATURES;
    words[1] = static_cast<std::uint32_t>(blocks);
    for (std::size_t at = 0; at < all.size(); ++at) {
      if (all[at].changeable && which(all[at])) words[2 + at / 32 * 2] |= std::uint32_t{1} << (at % 32);
    }
    ask(words.data());
  }

private:
  static std::size_t blocks_for(std::size_t features) { return (features + 31) / 32; }

  std::vector<std::string> feature_names() {
    std::vector<std::uint32_t> info(sizeof(ethtool_sset_info) / sizeof(std::uint32_t) + 1);
    auto* sets = reinterpret_cast<ethtool_sset_info*>(info.data());
    sets->cmd = ETHTOOL_GSSET_INFO;
    sets->sset_mask = std::uint64_t{1} << ETH_SS_FEATURES;
    ask(info.data());
    const auto count = sets->sset_mask == 0 ? 0 : sets->data[0];
    std::vector<std::uint32_t> words((sizeof(ethtool_gstrings) + std::size_t{count} * ETH_GSTRING_LEN) / 4 + 1);
    auto* strings = reinterpret_cast<ethtool_gstrings*>(words.data());
    strings->cmd = ETHTOOL_GSTRINGS;
    strings->string_set = ETH_SS_FEATURES;
    strings->len = count;
    ask(words.data());
    std::vector<std::string> names;
    for (std::size_t at = 0; at < count; ++at) {
      const auto* name = reinterpret_cast<const char*>(strings->data + at * ETH_GSTRING_LEN);
      names.emplace_back(name, ::strnlen(name, ETH_GSTRING_LEN));
    }
    return names;
  }

  void ask(void* command) {
    ifreq request{};
    if (link_.size() >= sizeof request.ifr_name) {
      throw Error(ErrorCode::network, fmt::format("the link name '{}' is too long", link_));
    }
    std::memcpy(request.ifr_name, link_.data(), link_.size());
    request.ifr_data = static_cast<char*>(command);
    if (::ioctl(socket_.get(), SIOCETHTOOL, &request) >= 0) return;
    throw Error(ErrorCode::network, fmt::format("cannot read the offloads of {}: {}", link_, std::strerror(errno)));
  }

  std::string link_;
  FileDescriptor socket_;
};

/// Whether this feature joins arriving frames to larger ones.
bool joins_frames(const Feature& feature) {
  const auto& name = feature.name;
  return name == "rx-gro" || name == "rx-lro" || name == "rx-gro-list" || name == "rx-udp-gro-forwarding";
}

/// Names of features that change frames on their way out begin with "tx-", but these three do not change a frame.
bool leaves_frames_unfinished(const Feature& feature) {
  const auto& name = feature.name;
  return joins_frames(feature) ||
         (name.starts_with("tx-") && name != "tx-lockless" && name != "tx-nocache-copy" && name != "tx-gso-robust");
}

}  // namespace

std::vector<std::string> active_offloads(const std::string& link) {
  std::vector<std::string> names;
  for (const auto& feature : Ethtool(link).features()) {
    if (feature.active && leaves_frames_unfinished(feature)) names.push_back(feature.name);
  }
  return names;
}

void switch_offloads_off(const std::string& link) {
  Ethtool(link).switch_off(leaves_frames_unfinished);
  const auto left = active_offloads(link);
  if (left.empty()) return;
  throw Error(ErrorCode::network,
              fmt::format("{} keeps offloads that can't be switched off: {}", link, fmt::join(left, ", ")),
              "The packet filter would see frames that are not final. Use another kernel: Debian's are fine.");
}

void switch_receive_offload_off(const std::string& link) { Ethtool(link).switch_off(joins_frames); }

}  // namespace rescue::linux
