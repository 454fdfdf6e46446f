/* SPDX-License-Identifier: ISC */

/* Connects two ports of ALSA's sequencer, as aconnect does, or disconnects them.

     connect SENDER RECEIVER [off]      names of clients, of which the first port is taken */

#include <alsa/asoundlib.h>

#include <string.h>

/* Address of the first port of a client. @return Whether there is such a client. */
static int find(snd_seq_t *seq, const char *name, snd_seq_addr_t *address) {
  snd_seq_client_info_t *client;
  snd_seq_port_info_t *port;
  snd_seq_client_info_alloca(&client);
  snd_seq_port_info_alloca(&port);
  snd_seq_client_info_set_client(client, -1);
  while (!snd_seq_query_next_client(seq, client)) {
    snd_seq_port_info_set_client(port, snd_seq_client_info_get_client(client));
    snd_seq_port_info_set_port(port, -1);
    while (!strcmp(snd_seq_client_info_get_name(client), name) &&
           !snd_seq_query_next_port(seq, port)) {
      if (!(snd_seq_port_info_get_capability(port) & SND_SEQ_PORT_CAP_NO_EXPORT)) {
        *address = *snd_seq_port_info_get_addr(port);
        return 1;
      }
    }
  }
  return 0;
}

int main(int argc, char **argv) {
  snd_seq_t *seq = NULL;
  snd_seq_addr_t sender, receiver;
  snd_seq_port_subscribe_t *subscription;
  snd_seq_port_subscribe_alloca(&subscription);
  if (argc < 3 || snd_seq_open(&seq, "default", SND_SEQ_OPEN_DUPLEX, 0) ||
      !find(seq, argv[1], &sender) || !find(seq, argv[2], &receiver)) {
    return 1;
  }
  snd_seq_port_subscribe_set_sender(subscription, &sender);
  snd_seq_port_subscribe_set_dest(subscription, &receiver);
  return argc > 3 ? snd_seq_unsubscribe_port(seq, subscription)
                  : snd_seq_subscribe_port(seq, subscription);
}
