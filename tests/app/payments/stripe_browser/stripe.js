// A small stand-in for Stripe.js: the part of its interface that the checkout uses, with frames from this server.
(() => {
  const origin = new URL(document.currentScript.src).origin;

  class PaymentElement {
    constructor(options) {
      this.options = options;
    }
    mount(node) {
      // The real one cannot live in a shadow tree either.
      if (node.getRootNode() !== document) throw new Error("Elements cannot be mounted in a shadow tree");
      this.frame = document.createElement("iframe");
      this.frame.src = `${origin}/frames/form.html`;
      this.frame.title = "Secure payment input frame";
      addEventListener("message", (event) => {
        if (event.source === this.frame.contentWindow) this.frame.dataset.choice = this.choice = event.data.choice;
      });
      node.append(this.frame);
    }
  }

  class Elements {
    constructor(options) {
      if (options.mode !== "payment" || !Number.isInteger(options.amount) || options.currency !== options.currency.toLowerCase()) {
        throw new Error("mode, amount in minor units and a currency in small letters are needed");
      }
      this.options = options;
    }
    create(kind, options) {
      if (kind !== "payment") throw new Error(`no element ${kind}`);
      return (this.payment = new PaymentElement(options));
    }
    update(options) {
      Object.assign(this.options, options);
    }
    async submit() {
      this.submitted = true;
      return this.payment.choice ? {} : { error: { type: "validation_error", message: "Please choose how to pay." } };
    }
  }

  window.Stripe = (key, options) => {
    if (!key.startsWith("pk_")) throw new Error("a publishable key is needed");
    window.stripeOptions = options;
    return {
      elements: (given) => (window.stripeElements = new Elements(given)),
      async createConfirmationToken({ elements, params }) {
        if (!elements.submitted) throw new Error("elements.submit() comes first");
        window.stripeParams = params;
        return { confirmationToken: { id: `ctoken_${elements.payment.choice}` } };
      },
      handleNextAction: ({ clientSecret }) =>
        new Promise((resolve) => {
          const frame = document.createElement("iframe");
          frame.src = `${origin}/wallet/${clientSecret.split("_secret_")[0]}?framed=1`;
          frame.className = "stripe-step";
          addEventListener("message", function hear(event) {
            if (event.source !== frame.contentWindow || !event.data.result) return;
            removeEventListener("message", hear);
            frame.remove();
            resolve(event.data.result === "ok" ? { paymentIntent: {} } : { error: { message: "Not authenticated." } });
          });
          document.body.append(frame);
        }),
    };
  };
})();
