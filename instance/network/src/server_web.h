#ifndef DC_INSTANCE_NETWORK_SERVER_WEB_H
#define DC_INSTANCE_NETWORK_SERVER_WEB_H
/*
 * The part of the server that speaks WebRTC: one port for HTTP(S) over TCP and for every session's datagrams over UDP.
 * Sessions begin here with an offer that a token or a resume secret admits; above their transport they are the same as
 * those over plain TCP.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dc_network;
struct dc_session;
struct dc_web;

/* Watches its descriptors in the network's epoll set. NULL: logged. */
struct dc_web *dc_web_create(struct dc_network *network);
/* After the sessions are destroyed. NULL is fine. */
void dc_web_destroy(struct dc_web *web);
uint16_t dc_web_port(const struct dc_web *web);
/* An event of epoll. false: `tag` is not one of its own. */
bool dc_web_dispatch(struct dc_web *web, const void *tag, uint32_t events);
/* After events: closed connections go, when nobody is inside. */
void dc_web_settle(struct dc_web *web);
void dc_web_handle_timer(struct dc_web *web, int64_t now_us);
int64_t dc_web_deadline_us(const struct dc_web *web, int64_t now_us);
/* The first frame of a connection that nobody was admitted on. true: it begins ICE over TCP, the transport was taken out
 * of the session. */
bool dc_web_adopt(struct dc_web *web, struct dc_session *session, const uint8_t *data, size_t size_bytes);

#endif
