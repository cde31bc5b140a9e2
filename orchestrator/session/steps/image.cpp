// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// fetch-image: brings the plan's image to this host, verified.

#include "orchestrator/session/request.hpp"
#include "orchestrator/session/steps/session_step.hpp"
#include "orchestrator/session/steps/steps.hpp"

namespace rescue::session {
namespace {

class FetchImage final : public SessionStep {
public:
  explicit FetchImage(SessionContext& context) : SessionStep(context, domain::StepName::fetch_image) {}

  void apply() override {
    context().ports.images.select(image_wish(context().record.request));
    const auto image = context().ports.images.fetch(context().wait_for, context().stop);
    if (image != context().plan().image) {
      throw Error(ErrorCode::conflict, "the image was replaced while the session was being planned", "Start again.");
    }
    note(image.name + " " + image.version);
  }
};

}  // namespace

std::unique_ptr<walk::Step> image_step(SessionContext& context) { return std::make_unique<FetchImage>(context); }

}  // namespace rescue::session
