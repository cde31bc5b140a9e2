// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/tool/catalogue_command.hpp"

#include "core/clock.hpp"
#include "images/publication.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>

namespace rescue::tool {
namespace {

struct CatalogueOptions {
  SigningOptions signing;
  images::CatalogueRequest request;
  unsigned lifetime_days = 0;
};

int write_catalogue(const CatalogueOptions& options, bool json) {
  auto request = options.request;
  request.now = SystemClock().wall();
  if (options.lifetime_days > 0) request.lifetime = std::chrono::hours(24) * options.lifetime_days;
  const auto plan = images::plan_catalogue(request);
  const auto& catalogue = plan.catalogue;
  images::write_signed(request.folder + "/catalogue.json", images::json_of(catalogue).dump(2) + "\n",
                       options.signing.key().value(), fmt::format("rescue catalogue {}", catalogue.counter));
  for (const auto& note : plan.notes) std::fputs(("note: " + note + "\n").c_str(), stderr);
  if (json) {
    std::puts(images::json_of(catalogue).dump(2).c_str());
    return 0;
  }
  for (const auto& entry : catalogue.images) {
    std::puts(fmt::format("{} {} {}, counter {}{}{}", entry.channel, entry.name, entry.version, entry.counter,
                          entry.windows_build > 0 ? fmt::format(", build {}", entry.windows_build) : "",
                          entry.name == catalogue.default_image ? ", default" : "")
                  .c_str());
  }
  return 0;
}

}  // namespace

void add_catalogue_command(CLI::App& app, Action& action) {
  const auto options = std::make_shared<CatalogueOptions>();
  auto* const command = app.add_subcommand("catalogue", "Write and sign the catalogue of a folder of images");
  command->fallthrough();
  command->add_option("--folder", options->request.folder, "Folder with a folder for each image")
      ->type_name("DIR")
      ->required();
  options->signing.add_to(*command);
  command
      ->add_option("--default", options->request.default_image,
                   "Image for a session without a wish; the default is that of the present catalogue")
      ->type_name("NAME");
  command->add_option("--expire-in", options->lifetime_days, "Let the catalogue expire after this number of days")
      ->type_name("DAYS")
      ->check(CLI::Range(1, 3650));
  command
      ->add_option("--public-key", options->request.public_key,
                   "Verify the images with this public key of minisign, or with a folder of keys, as rescued does")
      ->type_name("PATH");
  command->footer("Example:\n  rescue-image catalogue --folder /srv/images --key image.key --default windows-2022");
  command->callback([&action, options] { action = [options](bool json) { return write_catalogue(*options, json); }; });
}

}  // namespace rescue::tool
