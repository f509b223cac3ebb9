// SPDX-License-Identifier: Apache-2.0
// The control socket of a machine.
#include "hv/api/machine_api.h"

namespace hv {

namespace {

class MachineServer final : public ControlServer {
public:
    explicit MachineServer(std::unique_ptr<HttpServer> server) : server_(std::move(server)) {}

private:
    std::unique_ptr<HttpServer> server_;
};

}  // namespace

Result<std::unique_ptr<ControlServer>> serve_machine(EventLoop& loop, const std::string& socket_path,
                                                     MachineControl& machine) {
    TRY(auto server, HttpServer::create(loop, socket_path, [&machine](const HttpRequest& request) {
            return answer_request(request, machine);
        }));
    return std::make_unique<MachineServer>(std::move(server));
}

}  // namespace hv
