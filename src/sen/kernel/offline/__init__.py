"""Work without a network: pages kept on the device, and what they recorded taken in once.

A page that must work offline is kept by the service worker of the front end; what a person records
goes into a queue on the device (``islands/lib/offline``) and is sent when the network is back. Here
the entries of these queues are taken in: each has an id made on the device, and sending it again
changes nothing. A domain takes the entries of one queue::

    @queue("inventory.record")
    def take(*, actor: Actor, entry: Entry) -> dict[str, Any]:
        return {"state": services.receive_record(actor=actor, …).state}
"""
