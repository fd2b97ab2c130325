#ifndef DC_PROTOCOL_GLES_CLIENT_RANGE_H
#define DC_PROTOCOL_GLES_CLIENT_RANGE_H
/*
 * Client arrays that the worker keeps. The frontend numbers them (slots) and says when one is replaced or evicted, so
 * that both sides know at every point of the stream what is there, and a draw from one costs no round trip. The worker
 * fails a stream that goes beyond these limits; they hold for each context.
 */
#define DC_CLIENT_SLOT_NEXT_DRAW 0u                // the slot of a range that only the next draw reads
#define DC_CLIENT_SLOTS 1024u                      // 1 … 1024
#define DC_CLIENT_SLOTS_BYTES (32u << 20)          // all together, pads included
#define DC_CLIENT_RANGE_MAX_BYTES (8u << 20)       // of one that is kept, pad included
#define DC_CLIENT_STRIDE_MAX 2048u                 // what every driver takes

enum dc_client_attrib_flags { DC_CLIENT_NORMALIZED = 1, DC_CLIENT_INTEGER = 2 };

#endif
