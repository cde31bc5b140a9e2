// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/session/guest_text.hpp"

#include "core/printable.hpp"

#include <fmt/format.h>

#include <array>

namespace rescue::session {
namespace {

constexpr std::size_t longest_word = 40;  ///< of what a disk reports of itself

struct Words {
  std::string_view title;
  std::string_view about;
  std::string_view disks;
  std::string_view no_disks;
  std::string_view more_disks;
  std::string_view serial;
  std::string_view finish;
  std::string_view shutdown_restarts;
  std::string_view shutdown_finishes;
  std::string_view shutdown_keeps;
  std::string_view until;
  std::string_view warning;  ///< server, minutes, time
  std::string_view kept_apart;
  std::string_view read_only;
};

constexpr std::array<Words, 3> all_words{
    {{"RESCUE SYSTEM of the server {}",
      "This is not your own system: it runs from the network so that you can reach your disks.",
      "Your disks, in this order after the disk of the rescue system:", "No disk of the server is connected.",
      "and {} more", "serial number", "To finish: end the rescue in your provider's panel.",
      "A shutdown in this system does not finish the rescue: it starts again.",
      "A shutdown in this system finishes the rescue, too.",
      "A shutdown in this system does not finish the rescue, and it stays off.",
      "This rescue is reserved until {}. After that, a restart boots the server's own disk.",
      "The rescue of {} ends in {} minutes, at {}. Save your work, or extend the rescue in your provider's panel.",
      "What you write to these disks is kept apart until the rescue is finished. Your provider can then keep or "
      "discard "
      "it.",
      "You can read these disks, and not write to them."},
     {"SYSTÈME DE SECOURS du serveur {}",
      "Ce n'est pas votre propre système : il fonctionne depuis le réseau et donne accès à vos disques.",
      "Vos disques, dans cet ordre après celui du système de secours :", "Aucun disque du serveur n'est connecté.",
      "et {} autres", "numéro de série",
      "Pour terminer : arrêtez le mode secours dans l'espace client de votre hébergeur.",
      "Éteindre ce système ne termine pas le mode secours : il redémarre.",
      "Éteindre ce système termine aussi le mode secours.",
      "Éteindre ce système ne termine pas le mode secours, et le système reste éteint.",
      "Ce mode secours est réservé jusqu'au {}. Ensuite, un redémarrage lance le disque du serveur.",
      "Le mode secours de {} se termine dans {} minutes, le {}. Enregistrez votre travail, ou prolongez-le dans "
      "l'espace "
      "client de votre hébergeur.",
      "Ce que vous écrivez sur ces disques est gardé à part jusqu'à la fin du mode secours. Votre hébergeur peut alors "
      "le "
      "conserver ou l'abandonner.",
      "Vous pouvez lire ces disques, mais pas y écrire."},
     {"RETTUNGSSYSTEM des Servers {}",
      "Dies ist nicht Ihr eigenes System: Es läuft aus dem Netz, damit Sie Ihre Festplatten erreichen.",
      "Ihre Festplatten, in dieser Reihenfolge nach der des Rettungssystems:",
      "Keine Festplatte des Servers ist verbunden.", "und {} weitere", "Seriennummer",
      "Zum Beenden: Beenden Sie die Rettung in der Verwaltung Ihres Anbieters.",
      "Herunterfahren beendet die Rettung nicht: Das System startet neu.", "Herunterfahren beendet auch die Rettung.",
      "Herunterfahren beendet die Rettung nicht, und das System bleibt aus.",
      "Diese Rettung ist reserviert bis {}. Danach startet ein Neustart die eigene Festplatte des Servers.",
      "Die Rettung von {} endet in {} Minuten, um {}. Speichern Sie Ihre Arbeit, oder verlängern Sie in der Verwaltung "
      "Ihres Anbieters.",
      "Was Sie auf diese Festplatten schreiben, wird bis zum Ende der Rettung getrennt aufbewahrt. Ihr Anbieter kann "
      "es "
      "dann übernehmen oder verwerfen.",
      "Sie können diese Festplatten lesen, aber nicht auf sie schreiben."}}};

const Words& words_in(Language language) { return all_words.at(static_cast<std::size_t>(language)); }

/// "2026-11-30 14:00 UTC".
std::string time_text(WallTime time) {
  const auto text = rfc3339(time);
  return text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
}

std::string size_text(std::uint64_t bytes) {
  constexpr double gigabyte = 1e9;
  constexpr double terabyte = 1e12;
  const auto size = static_cast<double>(bytes);
  return size < terabyte ? fmt::format("{:.1f} GB", size / gigabyte) : fmt::format("{:.2f} TB", size / terabyte);
}

std::string disk_lines(const TextFacts& facts, const Words& words) {
  if (facts.disks.empty()) return std::string(words.no_disks) + "\n";
  constexpr std::size_t most_disks = 32;
  auto lines = std::string(words.disks) + "\n";
  for (std::size_t at = 0; at < facts.disks.size(); ++at) {
    if (at == most_disks) {
      lines += "      " + fmt::format(fmt::runtime(words.more_disks), facts.disks.size() - most_disks) + "\n";
      break;
    }
    const auto& disk = facts.disks[at].disk;
    const auto serial = printable(disk.serial, longest_word);
    lines += fmt::format("  {:>2}. {:>9}  {}", at + 1, size_text(disk.size_bytes), printable(disk.model, longest_word));
    if (!serial.empty()) lines += fmt::format(", {} {}", words.serial, serial);
    lines += "\n";
  }
  if (facts.disk_mode == domain::DiskMode::overlay) lines += std::string(words.kept_apart) + "\n";
  if (facts.disk_mode == domain::DiskMode::read_only) lines += std::string(words.read_only) + "\n";
  return lines;
}

std::string_view shutdown_text(const Words& words, domain::ShutdownPolicy policy) {
  switch (policy) {
  case domain::ShutdownPolicy::finish:
    return words.shutdown_finishes;
  case domain::ShutdownPolicy::keep:
    return words.shutdown_keeps;
  case domain::ShutdownPolicy::restart:
    break;
  }
  return words.shutdown_restarts;
}

}  // namespace

Language language_of(const std::string& tag) {
  const auto language = tag.substr(0, tag.find('-'));
  if (language == "fr") return Language::fr;
  return language == "de" ? Language::de : Language::en;
}

std::string session_text(const TextFacts& facts, Language language) {
  const auto& words = words_in(language);
  constexpr std::size_t longest_name = 63;
  auto text = fmt::format(fmt::runtime(words.title), printable(facts.server, longest_name)) + "\n\n" +
              std::string(words.about) + "\n\n" + (facts.before_login ? "" : disk_lines(facts, words) + "\n") +
              std::string(words.finish) + "\n" + std::string(shutdown_text(words, facts.on_shutdown)) + "\n";
  if (facts.lease_ends) text += fmt::format(fmt::runtime(words.until), time_text(*facts.lease_ends)) + "\n";
  return text;
}

std::string lease_warning(const std::string& server, WallTime ends, Milliseconds left, Language language) {
  constexpr std::size_t longest_name = 63;
  const auto minutes = std::chrono::ceil<std::chrono::minutes>(left).count();
  return fmt::format(fmt::runtime(words_in(language).warning), printable(server, longest_name), minutes,
                     time_text(ends));
}

}  // namespace rescue::session
