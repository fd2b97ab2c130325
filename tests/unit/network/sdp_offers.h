#ifndef DC_TESTS_UNIT_NETWORK_SDP_OFFERS_H
#define DC_TESTS_UNIT_NETWORK_SDP_OFFERS_H
/* What Chromium 156 and aiortc 1.4 offer for one picture, one sound and a data channel; recorded from them, then reduced
 * to lines of each kind. */

#define FINGERPRINT "AB:84:9A:B0:B9:00:01:A9:DC:2F:3D:CF:39:06:11:42:46:5E:95:82:E4:F5:FC:5B:84:D8:16:79:6B:6D:BB:E1"
#define CHROMIUM_TRANSPORT \
    "a=ice-ufrag:zK1k\r\na=ice-pwd:9FNqibaYjPpqeZ6qCGJSvFk7\r\na=ice-options:trickle\r\n" \
    "a=fingerprint:sha-256 " FINGERPRINT "\r\na=setup:actpass\r\n"

static const char chromium_offer[] =
    "v=0\r\no=- 6594330042710948493 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
    "a=group:BUNDLE 0 1 2\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 104 107 108 109 116 117 118\r\nc=IN IP4 0.0.0.0\r\n"
    "a=rtcp:9 IN IP4 0.0.0.0\r\n"
    "a=candidate:576114746 1 udp 2113937151 b5b06037-8efb-482d-af3e-0153657e3d4b.local 41777 typ host\r\n"
    CHROMIUM_TRANSPORT "a=mid:0\r\n"
    "a=extmap:1 urn:ietf:params:rtp-hdrext:toffset\r\n"
    "a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
    "a=recvonly\r\na=rtcp-mux\r\na=rtcp-rsize\r\n"
    "a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
    "a=rtpmap:102 H264/90000\r\na=rtcp-fb:102 nack\r\n"
    "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f\r\n"
    "a=rtpmap:103 rtx/90000\r\na=fmtp:103 apt=102\r\n"
    "a=rtpmap:104 H264/90000\r\n"
    "a=fmtp:104 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f\r\n"
    "a=rtpmap:107 rtx/90000\r\na=fmtp:107 apt=104\r\n"
    "a=rtpmap:108 H264/90000\r\na=rtcp-fb:108 goog-remb\r\na=rtcp-fb:108 transport-cc\r\na=rtcp-fb:108 ccm fir\r\n"
    "a=rtcp-fb:108 nack\r\na=rtcp-fb:108 nack pli\r\n"
    "a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"
    "a=rtpmap:109 rtx/90000\r\na=fmtp:109 apt=108\r\n"
    "a=rtpmap:116 H264/90000\r\n"
    "a=fmtp:116 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f\r\n"
    "a=rtpmap:117 rtx/90000\r\na=fmtp:117 apt=116\r\na=rtpmap:118 red/90000\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 0\r\nc=IN IP4 0.0.0.0\r\n" CHROMIUM_TRANSPORT "a=mid:1\r\n"
    "a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
    "a=recvonly\r\na=rtcp-mux\r\n"
    "a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n"
    "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=rtpmap:0 PCMU/8000\r\n"
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n" CHROMIUM_TRANSPORT "a=mid:2\r\n"
    "a=sctp-port:5000\r\na=max-message-size:262144\r\n";

static const char aiortc_offer[] =
    "v=0\r\no=- 4004603273 4004603273 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2\r\n"
    "m=video 38034 UDP/TLS/RTP/SAVPF 97 98 99 100 101 102\r\nc=IN IP4 192.0.2.2\r\na=recvonly\r\n"
    "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=mid:0\r\na=rtcp-mux\r\n"
    "a=ssrc-group:FID 2330374822 2408990283\r\n"
    "a=rtpmap:97 VP8/90000\r\na=rtpmap:98 rtx/90000\r\na=fmtp:98 apt=97\r\n"
    "a=rtpmap:99 H264/90000\r\na=rtcp-fb:99 nack\r\n"
    "a=fmtp:99 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f\r\n"
    "a=rtpmap:100 rtx/90000\r\na=fmtp:100 apt=99\r\n"
    "a=rtpmap:101 H264/90000\r\na=rtcp-fb:101 nack\r\na=rtcp-fb:101 nack pli\r\na=rtcp-fb:101 goog-remb\r\n"
    "a=fmtp:101 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"
    "a=rtpmap:102 rtx/90000\r\na=fmtp:102 apt=101\r\n"
    "a=candidate:f957a2332b1715da3b0ef8ba684454eb 1 udp 2130706431 192.0.2.2 38034 typ host\r\na=end-of-candidates\r\n"
    "a=ice-ufrag:MMs5\r\na=ice-pwd:OIJzKgRIckAE7I5fUPIFHE\r\na=fingerprint:sha-256 " FINGERPRINT "\r\n"
    "a=setup:actpass\r\n"
    "m=audio 42824 UDP/TLS/RTP/SAVPF 96 0 8\r\nc=IN IP4 192.0.2.2\r\na=recvonly\r\na=mid:1\r\na=rtcp-mux\r\n"
    "a=rtpmap:96 opus/48000/2\r\na=rtpmap:0 PCMU/8000\r\n"
    "a=ice-ufrag:gWOb\r\na=ice-pwd:FN0VjcVHWZHpZlUJJmmaXU\r\na=fingerprint:sha-256 " FINGERPRINT "\r\n"
    "a=setup:actpass\r\n"
    "m=application 51308 DTLS/SCTP 5000\r\nc=IN IP4 192.0.2.2\r\na=mid:2\r\na=sctpmap:5000 webrtc-datachannel 65535\r\n"
    "a=max-message-size:65536\r\n"
    "a=ice-ufrag:I4aX\r\na=ice-pwd:zHjUvjb28F3U7IsFR2Eav6\r\na=fingerprint:sha-256 " FINGERPRINT "\r\n"
    "a=setup:actpass\r\n";

#endif
