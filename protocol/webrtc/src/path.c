#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <protocol/webrtc/peer.h>

void
dc_webrtc_path_set_address(struct dc_webrtc_path *path, const struct sockaddr *address)
{
    *path = (struct dc_webrtc_path){ .bytes = { 0 } };
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)address;
        path->bytes[0] = 4;
        memcpy(path->bytes + 1, &in->sin_port, 2);
        memcpy(path->bytes + 3, &in->sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
        bool is_mapped = IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr); // how a socket for both families tells IPv4
        path->bytes[0] = is_mapped ? 4 : 6;
        memcpy(path->bytes + 1, &in6->sin6_port, 2);
        memcpy(path->bytes + 3, in6->sin6_addr.s6_addr + (is_mapped ? 12 : 0), is_mapped ? 4 : 16);
    }
}
