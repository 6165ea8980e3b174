"""Redis as the broker: Kombu's transport, and one thing put right in it."""

import logging

from kombu.transport import redis, virtual

_log = logging.getLogger(__name__)


class ForgetfulQoS(redis.QoS):
    """Counts a message as read although Redis does not hear of it.

    Kombu gives the credit to read another message back only after Redis has confirmed; a worker whose
    confirmation falls into a restart of Redis then never reads again. Here a message may come twice.
    """

    def ack(self, delivery_tag: str) -> None:
        """Confirm a message."""
        try:
            self._remove_from_indices(delivery_tag).execute()  # type: ignore[no-untyped-call]
        except self.channel.connection_errors as error:
            _log.warning("Redis does not hear that a message was read: %s", error)
        virtual.QoS.ack(self, delivery_tag)  # type: ignore[no-untyped-call]


class RedisChannel(redis.Channel):
    """Kombu's channel with that way of counting."""

    QoS = ForgetfulQoS


class RedisTransport(redis.Transport):
    """Kombu's transport with that channel."""

    Channel = RedisChannel
